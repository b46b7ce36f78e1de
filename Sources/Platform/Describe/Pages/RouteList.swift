/// The table of routes, in the order of the features.
public enum RouteList {
    /// One line a route: method, path, access, summary.
    public static func text(_ product: Product) -> String {
        let rows = product.routes.map { [$0.method.rawValue, $0.path, $0.accessName, $0.summary] }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { index, cell in
                index < 3 ? cell + String(repeating: " ", count: widths[index] - cell.count) : cell
            }.joined(separator: "  ")
        }
        return lines.joined(separator: "\n")
    }
}
