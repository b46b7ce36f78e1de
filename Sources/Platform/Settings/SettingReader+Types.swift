import Postgres

extension SettingReader {
    /// A whole number within bounds.
    public mutating func int(
        _ name: String, default value: Int, in range: ClosedRange<Int>, unit: String? = nil, aliases: [String] = [],
        config: String? = nil, _ doc: String
    ) -> Int {
        let bounds = "\(range.lowerBound)...\(range.upperBound)" + (unit.map { " \($0)" } ?? "")
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "number", bounds: bounds, defaultText: "\(value)",
            doc: doc)
        return read(
            declaration, default: value, expecting: "a whole number from \(bounds.replacing("...", with: " to "))"
        ) {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// true, 1, yes, on; false, 0, no, off.
    public mutating func bool(
        _ name: String, default value: Bool, aliases: [String] = [], config: String? = nil, _ doc: String
    ) -> Bool {
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "boolean", bounds: nil, defaultText: "\(value)",
            doc: doc)
        return read(declaration, default: value, expecting: "true or false") { text in
            switch text.lowercased() {
            case "true", "1", "yes", "on": true
            case "false", "0", "no", "off": false
            default: nil
            }
        }
    }

    /// A whole number of milliseconds.
    public mutating func milliseconds(
        _ name: String, default value: Duration, in range: ClosedRange<Duration>, aliases: [String] = [],
        config: String? = nil, _ doc: String
    ) -> Duration {
        let (least, most) = (range.lowerBound.milliseconds, range.upperBound.milliseconds)
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "duration", bounds: "\(least)...\(most) ms",
            defaultText: "\(value.milliseconds)", doc: doc)
        return read(declaration, default: value, expecting: "a whole number of milliseconds from \(least) to \(most)") {
            Int($0).map { Duration.milliseconds($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number of milliseconds, or nothing.
    mutating func optionalMilliseconds(_ name: String, in range: ClosedRange<Duration>, _ doc: String) -> Duration? {
        let (least, most) = (range.lowerBound.milliseconds, range.upperBound.milliseconds)
        let declaration = Declaration(
            name: name, aliases: [], config: nil, type: "duration", bounds: "\(least)...\(most) ms", defaultText: nil,
            doc: doc)
        return read(
            declaration, default: nil, expecting: "a whole number of milliseconds from \(least) to \(most)"
        ) { (text: String) -> Duration?? in
            guard let time = Int(text).map({ Duration.milliseconds($0) }), range.contains(time) else { return .none }
            return .some(time)
        }
    }

    /// `7d`, `24h`, `15m`, `10s`, or a whole number of seconds.
    public mutating func seconds(
        _ name: String, default value: Duration, in range: ClosedRange<Duration>, aliases: [String] = [],
        config: String? = nil, _ doc: String
    ) -> Duration {
        let bounds = "\(DurationText.short(range.lowerBound))...\(DurationText.short(range.upperBound))"
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "duration", bounds: bounds,
            defaultText: DurationText.short(value), doc: doc)
        return read(
            declaration, default: value,
            expecting: "a duration such as 7d, 24h, 15m or 10s, from \(bounds.replacing("...", with: " to "))"
        ) { DurationText.parse($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    public mutating func string(
        _ name: String, default value: String, aliases: [String] = [], config: String? = nil, _ doc: String
    ) -> String {
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "string", bounds: nil, defaultText: value, doc: doc)
        return read(declaration, default: value, expecting: "text") { $0 }
    }

    /// An absolute http or https address, without its trailing slash.
    public mutating func url(
        _ name: String, default value: String?, aliases: [String] = [], config: String? = nil, _ doc: String
    ) -> String? {
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "url", bounds: nil, defaultText: value, doc: doc)
        return read(declaration, default: value, expecting: "an address such as https://example.com") { text in
            guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }) else { return .none }
            let rest = text.dropFirst(scheme.count)
            guard let first = rest.first, !"/?#:".contains(first), rest.utf8.allSatisfy(Self.mayStandInURL) else {
                return .none
            }
            return .some(text.hasSuffix("/") ? String(text.dropLast()) : text)
        }
    }

    /// Visible ASCII but for what ends an address where it is quoted or listed.
    private static func mayStandInURL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ","), UInt8(ascii: "\\"): false
        default: (0x21...0x7E).contains(byte)
        }
    }

    /// Values between commas.
    public mutating func list(
        _ name: String, default value: [String], aliases: [String] = [], config: String? = nil, _ doc: String
    ) -> [String] {
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "list", bounds: nil,
            defaultText: value.joined(separator: ","), doc: doc)
        return read(declaration, default: value, expecting: "a list with commas") { text in
            // By scalars: a comma with an accent on it is a comma.
            text.unicodeScalars.split(separator: ",").map { String(Substring($0).trimmingSpaces()) }.filter {
                !$0.isEmpty
            }
        }
    }

    /// One of the enumeration's words.
    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default value: Choice, aliases: [String] = [], config: String? = nil, _ doc: String
    ) -> Choice where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "string", bounds: words, defaultText: value.rawValue,
            doc: doc)
        return read(declaration, default: value, expecting: "one of \(words)") { Choice(rawValue: $0.lowercased()) }
    }
}
