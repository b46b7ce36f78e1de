import Codecs

/// docs/reference/routes.md: every address, by feature.
public enum RoutePage {
    public static func render(_ product: Product) -> String {
        var lines = [
            "# Routes", "",
            "Generated from the sources by `scripts/golden`: do not edit. A running server shows them with their",
            "inputs and answers at `/docs`, and as OpenAPI at `/openapi.json`.", "",
        ]
        for feature in product.features where !feature.routes.isEmpty {
            lines += ["## \(feature.name)", "", "| Route | Who | What |", "|---|---|---|"]
            lines += feature.routes.map {
                "| `\($0.method.rawValue) \($0.path)` | \($0.accessName) | \($0.summary) |"
            }
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }

    /// The same for programs: a list of routes.
    public static func json(_ product: Product) -> JSON {
        let names = OperationNames(product.routes)
        return .array(
            product.routes.map { route in
                [
                    "method": .string(route.method.rawValue), "path": .string(route.path),
                    "operationId": route.isAsset ? .null : .string(names.name(of: route)),
                    "feature": .string(route.feature), "access": .string(route.accessName),
                    "permission": route.permission.map { .string($0.name) } ?? .null,
                    "duringMaintenance": .bool(!route.stopsForMaintenance), "summary": .string(route.summary),
                ]
            })
    }
}
