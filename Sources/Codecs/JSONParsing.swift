/// How much a JSON text may hold. What is beyond is refused while parsing; the bytes' count is the caller's to bound.
public struct JSONLimits: Sendable, Hashable {
    /// Arrays and objects within one another, 0...512: the parser recurses once for each.
    public let maxDepth: Int
    /// Values in all, an array or object counting as one besides what it holds.
    public let maxElements: Int
    /// Whether a key may stand twice in an object. What others read too, as a token's header, must say everything once.
    public let allowsRepeatedKeys: Bool

    public init(maxDepth: Int = 64, maxElements: Int = 100_000, allowsRepeatedKeys: Bool = true) {
        precondition((0...512).contains(maxDepth), "the JSON parser recurses, so its depth is bounded by 512")
        self.maxDepth = maxDepth
        self.maxElements = maxElements
        self.allowsRepeatedKeys = allowsRepeatedKeys
    }
}

/// Why a text is not taken as JSON. Offsets are in bytes from 0 and name the first byte that cannot stand there.
public enum JSONError: Error, Equatable {
    case malformed(offset: Int)
    case tooDeep
    case tooMany
    case invalidUTF8(offset: Int)
}

extension JSON {
    /// The value that `bytes` say, strictly by RFC 8259 in UTF-8: no byte order mark, no lone surrogates, nothing after
    /// the value but white space. Of a repeated key the last value counts, at the first's position. U+0000 is allowed
    /// here; who stores text in PostgreSQL refuses it.
    public init(parsing bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, limits: limits)
        self = try parser.document()
    }

    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try bytes.withMemoryRebound(to: UInt8.self) { (bytes) throws(JSONError) in
            try JSON(parsing: bytes, limits: limits)
        }
    }

    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try JSON(parsing: bytes, limits: limits)
        }
    }

    public static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSON {
        try JSON(parsing: Array(text.utf8), limits: limits)
    }
}
