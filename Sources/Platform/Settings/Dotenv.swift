/// A `.env` file: `NAME=value`, `export NAME=value`, quotes, comments after a space and `#`.
///
/// Read by bytes, not by characters: an accent that combines with a quote or an equals sign hides neither.
struct Dotenv: Sendable {
    private(set) var values: [String: String] = [:]
    /// Lines that are none of these, by number from 1.
    private(set) var malformed: [Int] = []

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let body = bytes.starts(with: Self.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            read(Self.trimmed(line), number: index + 1)
        }
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
        guard let first = line.first, first != UInt8(ascii: "#") else { return }
        let assignment = line.starts(with: "export ".utf8) ? Self.trimmed(line.dropFirst(7)) : line
        guard let equals = assignment.firstIndex(of: UInt8(ascii: "=")) else { return malformed.append(number) }
        let name = Self.trimmed(assignment[..<equals])
        let text = Self.trimmed(assignment[equals...].dropFirst())
        guard Self.isName(name), let value = Self.value(text) else { return malformed.append(number) }
        values[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
    }

    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, !(0x30...0x39).contains(first) else { return false }
        return name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// Nil when a quote is not closed, or something but a comment follows it.
    private static func value(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let quote = text.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return unquoted(text)
        }
        var value: ArraySlice<UInt8> = []
        var rest = text.dropFirst()
        while let byte = rest.popFirst() {
            if byte == quote {
                let behind = trimmed(rest)
                return behind.isEmpty || behind.first == UInt8(ascii: "#") ? value : nil
            }
            if quote == UInt8(ascii: "\""), byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                value.append(escape(escaped))
            } else {
                value.append(byte)
            }
        }
        return nil
    }

    private static func escape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): UInt8(ascii: "\n")
        case UInt8(ascii: "r"): UInt8(ascii: "\r")
        case UInt8(ascii: "t"): UInt8(ascii: "\t")
        default: byte
        }
    }

    /// `#` begins a comment only after a space: `#alerts` is a channel.
    private static func unquoted(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let comment = text.indices.dropFirst().first { index in
            text[index] == UInt8(ascii: "#") && isSpace(text[index - 1])
        }
        return comment.map { trimmed(text[..<$0]) } ?? text
    }

    /// A carriage return counts as a space: files from Windows end their lines with one.
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = text.drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return [] }
        return start[...end]
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}
