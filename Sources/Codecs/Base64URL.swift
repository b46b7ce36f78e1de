/// base64url without padding, as tokens use it. Source: RFC 4648, section 5, and RFC 7515, section 2.
public enum Base64URL {
    /// Four characters for three bytes, the last group as short as it can be.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        characters(of: Array(bytes))
    }

    /// The bytes that `text` says. Nil for padding, white space, the characters of plain base64, an impossible length,
    /// and unused bits that are not zero: each value has exactly one spelling, so a token has no twins.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        bytes(of: Array(text.utf8))
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static func characters(of bytes: [UInt8]) -> String {
        let alphabet = alphabet
        let length = (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: length) { target in
            var bits: UInt32 = 0
            var held: UInt32 = 0
            var written = 0
            for byte in bytes {
                bits = bits << 8 | UInt32(byte)
                held += 8
                while held >= 6 {
                    held -= 6
                    target[written] = alphabet[Int(bits >> held & 63)]
                    written += 1
                }
            }
            if held > 0 {
                target[written] = alphabet[Int(bits << (6 - held) & 63)]
            }
            return length
        }
    }

    private static func bytes(of characters: [UInt8]) -> [UInt8]? {
        guard characters.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count * 3 / 4)
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for character in characters {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            }
        }
        let unused = bits & ((1 << held) - 1)
        return unused == 0 ? bytes : nil
    }
}
