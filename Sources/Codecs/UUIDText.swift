/// The text form of a UUID, `8-4-4-4-12` hexadecimal digits. Source: RFC 9562, section 4.
public enum UUIDText {
    /// The sixteen bytes in network order; the same tuple as Foundation's `uuid_t`.
    public typealias Bytes = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )

    private static let length = 36

    /// 36 characters, lower case.
    public static func format(_ bytes: Bytes) -> String {
        withUnsafeBytes(of: bytes) { bytes in
            String(unsafeUninitializedCapacity: length) { target in
                var written = 0
                for (index, byte) in bytes.enumerated() {
                    if isGroupStart(index) {
                        target[written] = UInt8(ascii: "-")
                        written += 1
                    }
                    target[written] = Hex.digit(byte >> 4)
                    target[written + 1] = Hex.digit(byte & 15)
                    written += 2
                }
                return written
            }
        }
    }

    /// The bytes of exactly the 36-character form, digits in either case; nil for braces, missing hyphens or spaces.
    public static func parse(_ text: some StringProtocol) -> Bytes? {
        bytes(of: Array(text.utf8))
    }

    private static func isGroupStart(_ index: Int) -> Bool {
        index == 4 || index == 6 || index == 8 || index == 10
    }

    private static func bytes(of text: [UInt8]) -> Bytes? {
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
