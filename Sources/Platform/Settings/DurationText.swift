/// Durations as settings write them: `7d`, `24h`, `15m`, `10s`, or a whole number of seconds.
enum DurationText {
    private static let units: [(suffix: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// Nil for what is none of these, and for more seconds than 64 bits hold.
    static func parse(_ text: String) -> Duration? {
        if let seconds = Int64(text) { return .seconds(seconds) }
        guard let suffix = text.last, let unit = units.first(where: { $0.suffix == suffix }),
            let count = Int64(text.dropLast()), count >= 0
        else { return nil }
        let (seconds, isTooLong) = count.multipliedReportingOverflow(by: unit.seconds)
        return isTooLong ? nil : .seconds(seconds)
    }

    /// In the largest unit that says it in a whole number; `parse` reads it back.
    static func short(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let unit = units.first { seconds >= $0.seconds && seconds % $0.seconds == 0 }
        return unit.map { "\(seconds / $0.seconds)\($0.suffix)" } ?? "\(seconds)s"
    }
}
