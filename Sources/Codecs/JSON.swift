/// A JSON value as RFC 8259 knows it, without loss: a number keeps its lexeme and an object keeps its order.
///
/// Equality compares lexemes (`1.0` is not `1`) and ignores the order of an object's keys.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The number's lexeme. Anything else than an RFC 8259 number is written as a string, so that it injects no JSON.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// A whole number.
    public init(_ value: Int) {
        self = .number(String(value))
    }

    /// The shortest lexeme that reads back as `value`; null for NaN and the infinities, which JSON cannot say.
    public init(_ value: Double) {
        self = value.isFinite ? .number(value.description) : .null
    }
}

extension JSON {
    public var isNull: Bool { self == .null }

    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var bool: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// The number, if it is whole, fits 64 bits and is written without an exponent: `12` and `12.0`, not `12.5`, `1e3`.
    public var int: Int? {
        guard case .number(let lexeme) = self else { return nil }
        guard let point = lexeme.utf8.firstIndex(of: UInt8(ascii: ".")) else { return Int(lexeme) }
        let fraction = lexeme.utf8[point...].dropFirst()
        guard fraction.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        return Int(lexeme[..<point])
    }

    /// The nearest double; nil beyond its range.
    public var double: Double? {
        guard case .number(let lexeme) = self, let value = Double(lexeme), value.isFinite else { return nil }
        return value
    }

    public var array: [JSON]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    public var object: JSONObject? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The member of that key; nil if there is none or this is no object.
    public subscript(key: String) -> JSON? { object?[key] }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
}

extension JSON: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
    public init(floatLiteral value: Double) { self.init(value) }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }

    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(elements))
    }
}
