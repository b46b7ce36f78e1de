import Codecs

/// docs/reference/events.md: what is told to log and metrics.
public enum EventPage {
    public static func render(_ product: Product) -> String {
        var lines = [
            "# Events", "", "Generated from the sources by `scripts/golden`: do not edit.", "",
            "Each is a log line and a count of `leansaas_events_total`; those with a category are rows of the audit log too.",
            "", "| Event | Level | Category | When |", "|---|---|---|---|",
        ]
        for event in product.features.flatMap(\.events) {
            let category = event.kept.map { kept in
                kept.category.rawValue + (kept.isSecurity && kept.category != .security ? ", security" : "")
            }
            lines.append("| `\(event.name)` | \(event.level.rawValue) | \(category ?? "") | \(event.doc) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same for programs: a list of events.
    public static func json(_ product: Product) -> JSON {
        .array(
            product.features.flatMap { feature in
                feature.events.map { event in
                    [
                        "name": .string(event.name), "feature": .string(feature.name),
                        "level": .string(event.level.rawValue), "description": .string(event.doc),
                        "category": event.kept.map { .string($0.category.rawValue) } ?? .null,
                        "security": .bool(event.isSecurity),
                    ]
                }
            })
    }
}
