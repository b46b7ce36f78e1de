/// What Redis answers, in its protocol's third version and so much of the second as servers still send.
///
/// Source: https://redis.io/docs/latest/develop/reference/protocol-spec
public enum RESPValue: Sendable, Hashable {
    /// `_`, and RESP2's `$-1` and `*-1`.
    case null
    case integer(Int)
    case double(Double)
    case boolean(Bool)
    /// `+OK`: a word of the protocol.
    case simple(String)
    /// `$`, and `=` without its three letters of format: any bytes.
    case bulk([UInt8])
    /// `(`: a sign and digits, of any length.
    case bigNumber(String)
    /// `-` and `!`: a refusal of one command; the connection is whole.
    case error(RESPError)
    case array([RESPValue])
    case set([RESPValue])
    case map([RESPPair])
    /// What the server says unasked: messages of subscriptions.
    case push([RESPValue])
}

/// A key of a map and what stands under it.
public struct RESPPair: Sendable, Hashable {
    public let key: RESPValue
    public let value: RESPValue

    public init(_ key: RESPValue, _ value: RESPValue) {
        self.key = key
        self.value = value
    }
}

/// A refusal of one command: a word in capitals, and a sentence for people.
public struct RESPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `NOSCRIPT`, `MOVED`, `ERR`: what stands before the first space.
    public let code: String
    /// What follows it; may be empty.
    public let message: String

    public init(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        code = parts.first.map(String.init) ?? ""
        message = parts.count > 1 ? String(parts[1]) : ""
    }

    public var description: String { message.isEmpty ? code : "\(code) \(message)" }
}

extension RESPValue {
    /// A whole number, also one in digits: scripts answer with either.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .bulk(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        case .simple(let text), .bigNumber(let text): Int(text)
        case .null, .double, .boolean, .error, .array, .set, .map, .push: nil
        }
    }

    /// Bytes of a bulk or a simple string.
    public var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .simple(let text): Array(text.utf8)
        case .null, .integer, .double, .boolean, .bigNumber, .error, .array, .set, .map, .push: nil
        }
    }

    /// The same as UTF-8, repaired where it is none.
    public var text: String? {
        switch self {
        case .simple(let text), .bigNumber(let text): text
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null, .integer, .double, .boolean, .error, .array, .set, .map, .push: nil
        }
    }

    /// The elements of an array, a set or a push.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        case .null, .integer, .double, .boolean, .simple, .bulk, .bigNumber, .error, .map: nil
        }
    }

    /// What stands under a word: in a map, and in RESP2's array of keys and values by turns.
    public subscript(_ name: String) -> RESPValue? {
        switch self {
        case .map(let pairs):
            return pairs.first { $0.key.text == name }?.value
        case .array(let elements):
            let index = stride(from: 0, to: elements.count - 1, by: 2).first { elements[$0].text == name }
            return index.map { elements[$0 + 1] }
        case .null, .integer, .double, .boolean, .simple, .bulk, .bigNumber, .error, .set, .push:
            return nil
        }
    }
}
