import Codecs

/// The id that ties an answer, its log lines and a support question together.
enum RequestID {
    /// The client's own when it is well formed (1 to 128 of `A-Z a-z 0-9 . _ -`), else a new UUID: what reaches the log
    /// cannot break its lines.
    static func from(_ header: String?) -> String {
        guard let header, (1...128).contains(header.utf8.count), header.utf8.allSatisfy(isPlain) else {
            return made()
        }
        return header
    }

    /// A random UUID (version 4). Foundation's opens, reads and closes `/dev/urandom` for each.
    private static func made() -> String {
        var random = SystemRandomNumberGenerator()
        let halves = (random.next() as UInt64, random.next() as UInt64)
        var bytes = unsafeBitCast(halves, to: UUIDText.Bytes.self)
        bytes.6 = bytes.6 & 0x0F | 0x40
        bytes.8 = bytes.8 & 0x3F | 0x80
        return UUIDText.format(bytes)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
