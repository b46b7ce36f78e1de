import Codecs

/// docs/reference/problems.md: every code that a client can be told.
public enum ProblemPage {
    private static let surfaces = [("Functions", Surface.functions), ("Auth", .auth), ("Others", .plain)]

    public static func render(_ product: Product) -> String {
        let failures = Failures(product)
        var lines = [
            "# Problems", "", "Generated from the sources by `scripts/golden`: do not edit.", "",
            "A problem's code is API: clients may rely on it, and it is never renamed. Each surface has the shape that its clients",
            "expect: functions answer `{error: {code, message, details?}, timestamp, requestId}`, the auth surface GoTrue's",
            "`{code, error_code, msg}`.", "",
        ]
        for (title, surface) in surfaces {
            let routes = product.routes.filter { $0.surface == surface }
            guard !routes.isEmpty else { continue }
            lines += ["## \(title)", "", "| Status | Code | Sentence | Where |", "|---|---|---|---|"]
            lines += rows(routes, surface, failures) + [""]
        }
        return lines.joined(separator: "\n")
    }

    /// The same for programs: a list of problems, each with the routes that declare it.
    public static func json(_ product: Product) -> JSON {
        let failures = Failures(product)
        return .array(
            surfaces.flatMap { title, surface in
                places(product.routes.filter { $0.surface == surface }, surface, failures).map { kind, routes in
                    [
                        "surface": .string(title.lowercased()), "status": JSON(kind.status),
                        "code": .string(kind.code(on: surface)), "sentence": .string(kind.title),
                        "routes": .array(routes.map { .string("\($0.method.rawValue) \($0.path)") }),
                    ]
                }
            })
    }

    private static func places(
        _ routes: [Route], _ surface: Surface, _ failures: Failures
    ) -> [(kind: ProblemKind, routes: [Route])] {
        var places: [ProblemKind: [Route]] = [:]
        for route in routes {
            for kind in failures.kinds(of: route) { places[kind, default: []].append(route) }
        }
        return places.map { ($0.key, $0.value) }.sorted { one, other in
            (one.0.status, one.0.code(on: surface), one.0.title)
                < (other.0.status, other.0.code(on: surface), other.0.title)
        }
    }

    private static func rows(_ routes: [Route], _ surface: Surface, _ failures: Failures) -> [String] {
        places(routes, surface, failures).map { kind, found in
            let paths = found.map(\.path)
            let place = paths.count == routes.count ? "everywhere" : paths.map { "`\($0)`" }.joined(separator: "<br>")
            return "| \(kind.status) | `\(kind.code(on: surface))` | \(kind.title) | \(place) |"
        }
    }
}
