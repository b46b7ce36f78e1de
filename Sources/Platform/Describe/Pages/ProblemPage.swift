/// docs/reference/problems.md: every code that a client can be told.
public enum ProblemPage {
    public static func render(_ product: Product) -> String {
        let failures = Failures(product)
        var lines = [
            "# Problems", "", "Generated from the sources by `scripts/golden`: do not edit.", "",
            "A problem's code is API: clients may rely on it, and it is never renamed. Each surface has the shape that its clients",
            "expect: functions answer `{error: {code, message, details?}, timestamp, requestId}`, the auth surface GoTrue's",
            "`{code, error_code, msg}`.", "",
        ]
        for (title, surface) in [("Functions", Surface.functions), ("Auth", .auth), ("Others", .plain)] {
            let routes = product.routes.filter { $0.surface == surface }
            guard !routes.isEmpty else { continue }
            lines += ["## \(title)", "", "| Status | Code | Sentence | Where |", "|---|---|---|---|"]
            lines += rows(routes, surface, failures) + [""]
        }
        return lines.joined(separator: "\n")
    }

    private static func rows(_ routes: [Route], _ surface: Surface, _ failures: Failures) -> [String] {
        var places: [ProblemKind: [String]] = [:]
        for route in routes {
            for kind in failures.kinds(of: route) { places[kind, default: []].append(route.path) }
        }
        let kinds = places.keys.sorted {
            ($0.status, $0.code(on: surface), $0.title) < ($1.status, $1.code(on: surface), $1.title)
        }
        return kinds.map { kind in
            let paths = places[kind] ?? []
            let place = paths.count == routes.count ? "everywhere" : paths.map { "`\($0)`" }.joined(separator: "<br>")
            return "| \(kind.status) | `\(kind.code(on: surface))` | \(kind.title) | \(place) |"
        }
    }
}
