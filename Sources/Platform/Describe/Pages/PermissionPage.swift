import Codecs

/// docs/reference/permissions.md: who may do what.
public enum PermissionPage {
    public static func render(_ product: Product) -> String {
        let roles = OrganizationRole.allCases
        var lines = [
            "# Permissions", "", "Generated from the sources by `scripts/golden`: do not edit.", "",
            "| Permission | " + roles.map(\.rawValue).joined(separator: " | ") + " | What it allows | Asked by |",
            "|---|" + roles.map { _ in "---|" }.joined() + "---|---|",
        ]
        for permission in product.permissions {
            let marks = roles.map { permission.roles.contains($0) ? "yes" : "" }.joined(separator: " | ")
            let routes = product.routes.filter { $0.permission == permission }.map {
                "`\($0.method.rawValue) \($0.path)`"
            }
            lines.append(
                "| `\(permission.name)` | \(marks) | \(permission.doc) | \(routes.joined(separator: "<br>")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same for programs: a list of permissions.
    public static func json(_ product: Product) -> JSON {
        .array(
            product.permissions.map { permission in
                let routes = product.routes.filter { $0.permission == permission }
                let roles = OrganizationRole.allCases.filter(permission.roles.contains)
                return [
                    "name": .string(permission.name), "roles": .array(roles.map { .string($0.rawValue) }),
                    "routes": .array(routes.map { .string("\($0.method.rawValue) \($0.path)") }),
                    "description": .string(permission.doc),
                ]
            })
    }
}
