/// A recursive descent over bytes; each verb leaves `position` behind what it read.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    var position = 0
    private var elements = 0

    init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(within: 0)
        guard nextToken() == nil else { throw malformed }
        return value
    }

    var malformed: JSONError { .malformed(offset: position) }

    /// The first byte behind white space, not yet passed; nil at the end.
    private mutating func nextToken() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func value(within depth: Int) throws(JSONError) -> JSON {
        guard let byte = nextToken() else { throw malformed }
        elements += 1
        guard elements <= limits.maxElements else { throw .tooMany }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(within: depth))
        case UInt8(ascii: "["): return .array(try array(within: depth))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func array(within depth: Int) throws(JSONError) -> [JSON] {
        guard depth < limits.maxDepth else { throw .tooDeep }
        var values: [JSON] = []
        position += 1
        if nextToken() == UInt8(ascii: "]") {
            position += 1
            return values
        }
        repeat {
            values.append(try value(within: depth + 1))
        } while try another(before: UInt8(ascii: "]"))
        return values
    }

    private mutating func object(within depth: Int) throws(JSONError) -> JSONObject {
        guard depth < limits.maxDepth else { throw .tooDeep }
        var members = JSONObject()
        position += 1
        if nextToken() == UInt8(ascii: "}") {
            position += 1
            return members
        }
        repeat {
            guard nextToken() == UInt8(ascii: "\"") else { throw malformed }
            let key = try string()
            guard limits.allowsRepeatedKeys || members[key] == nil else { throw malformed }
            guard nextToken() == UInt8(ascii: ":") else { throw malformed }
            position += 1
            members[key] = try value(within: depth + 1)
        } while try another(before: UInt8(ascii: "}"))
        return members
    }

    /// Passes a comma (true) or the closing bracket (false).
    private mutating func another(before end: UInt8) throws(JSONError) -> Bool {
        let byte = nextToken()
        guard byte == UInt8(ascii: ",") || byte == end else { throw malformed }
        position += 1
        return byte != end
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[offset] else { throw malformed }
            position += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        position = try JSONNumber.end(in: bytes, from: start)
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    }
}
