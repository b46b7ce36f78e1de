/// The text form of a UUID, `8-4-4-4-12` hexadecimal digits. Source: RFC 9562, section 4.
public enum UUIDText {
    /// The sixteen bytes in network order; the same tuple as Foundation's `uuid_t`.
    public typealias Bytes = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )

    package static let length = 36

    /// 36 characters, lower case.
    public static func format(_ bytes: Bytes) -> String {
        String(unsafeUninitializedCapacity: length) { write(bytes, to: $0) }
    }

    /// The same into memory of `length` bytes or more. Gives back how many were written.
    package static func write(_ bytes: Bytes, to target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var writer = DigitWriter(target)
        withUnsafeBytes(of: bytes) { bytes in
            for index in 0..<16 {
                if isGroupStart(index) { writer.byte("-") }
                writer.hex(bytes[index])
            }
        }
        return writer.count
    }

    /// The bytes of exactly the 36-character form, digits in either case; nil for braces, missing hyphens or spaces.
    public static func parse(_ text: some StringProtocol) -> Bytes? {
        let parsed: Bytes?? = text.utf8.withContiguousStorageIfAvailable { parse($0) }
        return parsed ?? Array(text.utf8).withUnsafeBufferPointer { parse($0) }
    }

    /// The sixteen bytes as they are; nil for another number of them.
    package static func bytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bytes? {
        guard bytes.count == 16 else { return nil }
        return UnsafeRawBufferPointer(bytes).loadUnaligned(as: Bytes.self)
    }

    private static func isGroupStart(_ index: Int) -> Bool {
        index == 4 || index == 6 || index == 8 || index == 10
    }

    /// The same of ASCII text.
    package static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Bytes? {
        guard text.count == length else { return nil }
        var bytes: Bytes = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isWellFormed = withUnsafeMutableBytes(of: &bytes) { target in
            var read = 0
            for index in 0..<16 {
                if isGroupStart(index) {
                    guard text[read] == UInt8(ascii: "-") else { return false }
                    read += 1
                }
                guard let high = Hex.value(of: text[read]) else { return false }
                guard let low = Hex.value(of: text[read + 1]) else { return false }
                target[index] = high << 4 | low
                read += 2
            }
            return true
        }
        return isWellFormed ? bytes : nil
    }
}
