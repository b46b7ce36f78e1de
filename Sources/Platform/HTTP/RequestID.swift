import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The id that ties an answer, its log lines and a support question together.
enum RequestID {
    /// The client's own when it is well formed (1 to 128 of `A-Z a-z 0-9 . _ -`), else a new UUID: what reaches the log
    /// cannot break its lines.
    static func from(_ header: String?) -> String {
        guard let header, (1...128).contains(header.utf8.count), header.utf8.allSatisfy(isPlain) else {
            return UUIDText.format(UUID().uuid)
        }
        return header
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
