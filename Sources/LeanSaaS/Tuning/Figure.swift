/// A setting of PostgreSQL and the value that the production guide asks for. Source: the guide's "Database Configuration".
package struct Figure: Sendable {
    /// Which other values serve as well.
    enum Wish {
        case exactly, atLeast, atMost
    }

    package let name: String
    /// As the guide writes it.
    package let value: String
    let wish: Wish

    private init(_ name: String, _ value: String, _ wish: Wish) {
        self.name = name
        self.value = value
        self.wish = wish
    }

    package static let all = [
        Figure("max_connections", "200", .atLeast),
        Figure("shared_buffers", "256MB", .atLeast),
        Figure("effective_cache_size", "1GB", .atLeast),
        Figure("maintenance_work_mem", "64MB", .atLeast),
        Figure("checkpoint_completion_target", "0.9", .atLeast),
        Figure("wal_buffers", "16MB", .atLeast),
        Figure("default_statistics_target", "100", .atLeast),
        Figure("random_page_cost", "1.1", .atMost),
        Figure("effective_io_concurrency", "200", .atLeast),
        Figure("log_min_duration_statement", "1000", .exactly),
        Figure("log_statement", "mod", .exactly),
        Figure("log_duration", "on", .exactly),
    ]

    package var statement: String { "alter system set \(name) = '\(value)'" }

    func standing(of setting: ServerSetting) -> Comparison.Standing {
        guard let wanted = Self.amount(value), let found = setting.amount else {
            return setting.text == value ? .same : .differs
        }
        if found == wanted { return .same }
        switch wish {
        case .atLeast: return found > wanted ? .better : .differs
        case .atMost: return found < wanted ? .better : .differs
        case .exactly: return .differs
        }
    }

    /// `16MB` in bytes, a number as it is; nil for words.
    private static func amount(_ text: String) -> Double? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        return Double(digits).flatMap { number in factor(String(text.dropFirst(digits.count))).map { number * $0 } }
    }

    static func factor(_ unit: String) -> Double? {
        switch unit {
        case "", "ms": 1
        case "kB": 1_024
        case "8kB": 8_192
        case "MB": 1_048_576
        case "GB": 1_073_741_824
        default: nil
        }
    }
}

/// A row of `pg_settings`.
struct ServerSetting: Sendable {
    let name: String
    let text: String
    let unit: String
    /// `postmaster` is read at the start alone.
    let context: String
    /// Changed in the files since the start, and waiting for the next.
    let isPending: Bool

    var amount: Double? { Double(text).flatMap { number in Figure.factor(unit).map { number * $0 } } }

    /// The value for people, in the unit that `show` would choose.
    var shown: String {
        guard ["kB", "8kB", "MB"].contains(unit), let bytes = amount, bytes > 0 else { return text }
        for (unit, factor) in [("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1_024.0)]
        where bytes.truncatingRemainder(dividingBy: factor) == 0 {
            return "\(Int(bytes / factor))\(unit)"
        }
        return text
    }
}
