/// docs/reference/events.md: what is told to log and metrics.
public enum EventPage {
    public static func render(_ product: Product) -> String {
        var lines = [
            "# Events", "", "Generated from the sources by `scripts/golden`: do not edit.", "",
            "Each is a log line and a count of `leansaas_events_total`.", "",
            "| Event | Level | When |", "|---|---|---|",
        ]
        for event in product.features.flatMap(\.events) {
            lines.append("| `\(event.name)` | \(event.level.rawValue) | \(event.doc) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
