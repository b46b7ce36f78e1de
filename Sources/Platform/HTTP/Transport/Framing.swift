import NIOHTTP1

/// What a head says of the host, of the body's length and of expectations: gathered in one pass over its fields.
struct Framing {
    private let version: HTTPVersion
    private let method: HTTPMethod
    private var hosts = 0
    private var isHostPlain = true
    private var lengths = 0
    private var isLengthNumber = true
    private var encodings = 0
    private var isChunked = true
    private(set) var expectations = 0
    private var isExpectationKnown = true

    init(_ head: HTTPRequestHead) {
        version = head.version
        method = head.method
        for (name, value) in head.headers {
            // Most fields are told apart by the length of their name.
            switch name.utf8.count {
            case 4 where name.lowercased() == "host":
                hosts += 1
                isHostPlain = isHostPlain && Self.isHost(value)
            case 6 where name.lowercased() == "expect":
                expectations += 1
                isExpectationKnown = isExpectationKnown && value.lowercased() == "100-continue"
            case 14 where name.lowercased() == "content-length":
                lengths += 1
                isLengthNumber =
                    isLengthNumber && !value.isEmpty && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
            case 17 where name.lowercased() == "transfer-encoding":
                encodings += 1
                isChunked = isChunked && value.lowercased() == "chunked"
            default:
                continue
            }
        }
    }

    /// What is wrong with a head that the parser let pass; nil when nothing is.
    var fault: Problem? {
        guard version == .http1_1 || version == .http1_0 else {
            return Problem(.malformedRequest, "Speak HTTP/1.1 or HTTP/1.0.")
        }
        guard method != .TRACE, method != .CONNECT else { return Problem(.methodNotAllowed) }
        guard hosts == 1 || (hosts == 0 && version == .http1_0), isHostPlain else {
            return Problem(.malformedRequest, "Send one Host header.")
        }
        // A body's length is told once, in one way.
        guard lengths + encodings <= 1 else {
            return Problem(.malformedRequest, "Send either Content-Length or Transfer-Encoding, once.")
        }
        guard isLengthNumber else { return Problem(.malformedRequest, "Content-Length must be a number.") }
        guard isChunked, encodings == 0 || version == .http1_1 else {
            return Problem(.malformedRequest, "The only transfer coding that is read is chunked, in HTTP/1.1.")
        }
        guard expectations <= 1, isExpectationKnown else { return Problem(.expectationFailed) }
        return nil
    }

    /// Letters, digits and what stands in names, ports and IPv6 addresses; at most 255 bytes.
    private static func isHost(_ value: String) -> Bool {
        guard (1...255).contains(value.utf8.count) else { return false }
        return value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"):
                true
            default: false
            }
        }
    }
}
