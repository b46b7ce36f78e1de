import Platform

/// How long a person is banned, as GoTrue's clients say it: `none` and nothing lift the ban, else a duration of Go's form (`24h`,
/// `1h30m`, `1.5h`, `300ms`). Source: Go, time.ParseDuration.
struct BanDuration: Sendable, Equatable {
    /// Nil: not banned.
    let duration: Duration?

    /// What people write for ever.
    static let longest = Duration.seconds(100 * 366 * 86_400)

    init?(_ text: String) {
        if text == "none" {
            duration = nil
            return
        }
        // Go's only duration without a unit.
        guard let duration = text == "0" ? .zero : Self.parse(text), duration <= Self.longest else { return nil }
        self.duration = duration > .zero ? duration : nil
    }

    private static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        var seconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard number.count <= 20, let size = size(of: unit), let value = Double(number) else { return nil }
            seconds += value * size
        }
        return seconds.isFinite && seconds < 1e12 ? .seconds(seconds) : nil
    }

    private static func size(of unit: Substring) -> Double? {
        switch unit {
        case "ns": 1e-9
        case "us", "µs", "μs": 1e-6
        case "ms": 1e-3
        case "s": 1
        case "m": 60
        case "h": 3_600
        default: nil
        }
    }
}
