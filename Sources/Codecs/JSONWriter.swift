/// Appends JSON to bytes, without building values first. Commas are its own affair; that brackets pair and that each
/// member begins with its key is the caller's.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8]
    private var needsComma = false

    /// Appends behind `bytes`, which may be anything.
    public init(appendingTo bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Begins with room for so many bytes.
    package init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member's name as `quoted` made it.
    package mutating func key(quoted: [UInt8]) {
        separate()
        quoted.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        needsComma = false
    }

    /// The name in quotes and its colon, for `key(quoted:)`: what is written often is quoted once.
    package static func quoted(_ name: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.key(name)
        return writer.bytes
    }

    public mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// A string of at most `capacity` bytes, none of which needs an escape: `fill` writes them and says how many.
    package mutating func plain(capacity: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { target in
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: target[..<fill(target)]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func int(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// The shortest lexeme that reads back as `value`; null for NaN and the infinities, which JSON cannot say.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    public mutating func bool(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// One value that already is JSON, such as a jsonb column; it is not looked at.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    public mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let lexeme): JSONNumber.isLexeme(lexeme) ? raw(lexeme.utf8) : string(lexeme)
        case .string(let text): string(text)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let members):
            beginObject()
            for (key, value) in members {
                self.key(key)
                self.value(value)
            }
            endObject()
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Runs of bytes that stand for themselves are appended in one go.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { source in
            var run = 0
            for index in 0..<source.count {
                let byte = source[index]
                if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[run..<index]))
                escape(byte)
                run = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[run...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default: bytes.append(contentsOf: [0x75, 0x30, 0x30, Hex.digit(byte >> 4), Hex.digit(byte & 15)])
        }
    }
}

extension JSON {
    /// The value without white space, an object's members in their order.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// `encoded()` as text.
    public var text: String { String(decoding: encoded(), as: UTF8.self) }
}
