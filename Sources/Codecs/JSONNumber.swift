/// The grammar of a number: `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`. Source: RFC 8259, section 6.
enum JSONNumber {
    /// The offset behind the number that begins at `start`.
    static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) throws(JSONError) -> Int {
        var scan = Scan(bytes: bytes, position: start)
        scan.pass { $0 == UInt8(ascii: "-") }
        if !scan.pass({ $0 == UInt8(ascii: "0") }) {
            try scan.digits()
        }
        if scan.pass({ $0 == UInt8(ascii: ".") }) {
            try scan.digits()
        }
        if scan.pass({ $0 | 0x20 == UInt8(ascii: "e") }) {
            scan.pass { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
            try scan.digits()
        }
        return scan.position
    }

    /// Whether all of `text` is one number.
    static func isLexeme(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            do throws(JSONError) {
                return try end(in: bytes, from: 0) == bytes.count
            } catch {
                return false
            }
        }
    }
}

private struct Scan {
    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int

    @discardableResult
    mutating func pass(_ isExpected: (UInt8) -> Bool) -> Bool {
        guard position < bytes.count, isExpected(bytes[position]) else { return false }
        position += 1
        return true
    }

    /// One digit or more.
    mutating func digits() throws(JSONError) {
        let isDigit = { (byte: UInt8) in byte &- UInt8(ascii: "0") < 10 }
        guard pass(isDigit) else { throw .malformed(offset: position) }
        while pass(isDigit) {}
    }
}
