/// Finds what the library that parses TOML ends the process at, where a file of an operator's should be told to be faulty: a
/// table's header that names nothing (`[!]`), brackets that do not match, and dates, which no setting is and of which it takes
/// malformed ones ill.
struct TomlCheck {
    struct Fault {
        /// Behind another fault of the file it may be any line.
        let line: Int
        let message: String
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    /// How the lists and inline tables that are open end, the innermost last: in them no line begins a table.
    private var ends: [UInt8] = []

    /// The first of these; nil when there is none.
    static func fault(in text: String) -> Fault? {
        var check = TomlCheck(bytes: Array(text.utf8))
        return check.search()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func search() -> Fault? {
        while position < bytes.count {
            if ends.isEmpty, !beginsWell() { return Fault(line: line, message: "a table needs a name") }
            if let message = passLine() { return Fault(line: line, message: message) }
        }
        return nil
    }

    /// Whether the line is no header, or one with a key. Stands behind its brackets then.
    private mutating func beginsWell() -> Bool {
        passSpaces()
        guard next == UInt8(ascii: "[") else { return true }
        position += 1
        ends.append(UInt8(ascii: "]"))
        passSpaces()
        if next == UInt8(ascii: "[") {
            position += 1
            ends.append(UInt8(ascii: "]"))
        }
        passSpaces()
        guard let next else { return true }
        switch next {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "\""),
            UInt8(ascii: "'"), UInt8(ascii: "]"):
            return true
        default: return false
        }
    }

    private mutating func passSpaces() {
        while let next, next == 0x20 || next == 0x09 { position += 1 }
    }

    /// To the beginning of the next line that is in no string; or what is wrong with this one.
    private mutating func passLine() -> String? {
        while let byte = next {
            if isDigit(position), beginsTime { return "no setting is a date or a time" }
            position += 1
            switch byte {
            case 0x0A:
                line += 1
                return nil
            case UInt8(ascii: "#"): while let next, next != 0x0A { position += 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "'"): passString(byte)
            case UInt8(ascii: "["): ends.append(UInt8(ascii: "]"))
            case UInt8(ascii: "{"): ends.append(UInt8(ascii: "}"))
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if ends.popLast() != byte { return "a bracket closes what is not open" }
            default: break
            }
        }
        return nil
    }

    private func isDigit(_ index: Int) -> Bool {
        bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index])
    }

    /// `1979-` or `07:` here, and no word before it.
    private var beginsTime: Bool {
        if position > 0 {
            let before = bytes[position - 1]
            let isWord = isDigit(position - 1) || (0x41...0x5A).contains(before & 0xDF)
            if isWord || [0x5F, 0x2D, 0x2E, 0x2B].contains(before) { return false }
        }
        let digits = bytes[position...].prefix(5).prefix { (0x30...0x39).contains($0) }.count
        guard position + digits < bytes.count else { return false }
        let after = bytes[position + digits]
        return (digits == 4 && after == UInt8(ascii: "-")) || (digits == 2 && after == UInt8(ascii: ":"))
    }

    /// The first quote is passed already.
    private mutating func passString(_ quote: UInt8) {
        let isLong = bytes[position...].starts(with: [quote, quote])
        if isLong { position += 2 }
        while let byte = next {
            if byte == 0x0A {
                guard isLong else { return }
                line += 1
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                position += 1
                if next == 0x0A { line += 1 }
            } else if byte == quote, !isLong || bytes[position...].starts(with: [quote, quote, quote]) {
                position += isLong ? 3 : 1
                return
            }
            position += 1
        }
    }
}
