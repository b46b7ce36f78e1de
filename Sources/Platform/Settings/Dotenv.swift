/// A `.env` file: `NAME=value`, `export NAME=value`, quotes, comments after a space and `#`.
struct Dotenv: Sendable {
    private(set) var values: [String: String] = [:]
    /// Lines that are none of these, by number from 1.
    private(set) var malformed: [Int] = []

    init(_ text: String) {
        let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        for (index, line) in body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            read(line.trimmingSpaces(), number: index + 1)
        }
    }

    private mutating func read(_ line: Substring, number: Int) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        let assignment = line.hasPrefix("export ") ? line.dropFirst(7).trimmingSpaces() : line
        guard let equals = assignment.firstIndex(of: "=") else { return malformed.append(number) }
        let name = assignment[..<equals].trimmingSpaces()
        guard Self.isName(name), let value = Self.value(assignment[assignment.index(after: equals)...].trimmingSpaces())
        else { return malformed.append(number) }
        values[String(name)] = value
    }

    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// Nil when a quote is not closed, or something but a comment follows it.
    private static func value(_ text: Substring) -> String? {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return String(unquoted(text)) }
        var value = ""
        var position = text.index(after: text.startIndex)
        while position < text.endIndex, text[position] != quote {
            if quote == "\"", text[position] == "\\", text.index(after: position) < text.endIndex {
                position = text.index(after: position)
                value.append(escape(text[position]))
            } else {
                value.append(text[position])
            }
            position = text.index(after: position)
        }
        guard position < text.endIndex else { return nil }
        let rest = text[text.index(after: position)...].trimmingSpaces()
        return rest.isEmpty || rest.hasPrefix("#") ? value : nil
    }

    private static func escape(_ character: Character) -> Character {
        switch character {
        case "n": "\n"
        case "r": "\r"
        case "t": "\t"
        default: character
        }
    }

    /// `#` begins a comment only after a space: `#alerts` is a channel.
    private static func unquoted(_ text: Substring) -> Substring {
        var previous: Character = "x"
        for index in text.indices {
            if text[index] == "#", previous == " " || previous == "\t" { return text[..<index].trimmingSpaces() }
            previous = text[index]
        }
        return text
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}
