/// The pairs of a query string as forms write them: `name=value&other=…`, `+` for a space, `%41` for a byte.
/// Source: the URL Standard, application/x-www-form-urlencoded.
public enum QueryString {
    /// Most pairs that are read; what is beyond is part of the last.
    public static let mostPairs = 257

    /// The pairs in their order, names and values decoded; a pair without `=` has an empty value, empty pairs are passed over.
    /// Nil for a `%` without two digits behind it, and for bytes that are no UTF-8.
    public static func pairs(_ query: some StringProtocol) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for pair in Array(query.utf8).split(separator: UInt8(ascii: "&"), maxSplits: mostPairs - 1) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = decoded(pair[..<equals]), let value = decoded(pair[equals...].dropFirst()) else {
                return nil
            }
            pairs.append((name, value))
        }
        return pairs
    }

    /// A value as it may stand in a query string: letters, digits and `-._~` as they are, all other bytes as `%41`.
    public static func encode(_ value: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.utf8.count)
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes += Hex.encode([byte]).uppercased().utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The pairs as one query string.
    public static func encode(_ pairs: KeyValuePairs<String, String>) -> String {
        pairs.map { encode($0.key) + "=" + encode($0.value) }.joined(separator: "&")
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard position + 2 < text.endIndex, let high = Hex.value(of: text[position + 1]),
                    let low = Hex.value(of: text[position + 2])
                else { return nil }
                bytes.append(high << 4 | low)
                position += 2
            case let byte:
                bytes.append(byte)
            }
            position += 1
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
