import Codecs

/// Values of the types that answers have: what a shape says itself, and elsewhere always the same.
enum Examples {
    static func value(of type: MemberType) -> JSON {
        value(of: type, inside: []) ?? .null
    }

    /// Nil: the shape that is being shown stands in itself here, and the example ends.
    private static func value(of type: MemberType, inside shapes: Set<String>) -> JSON? {
        switch type {
        case .shown(_, let value): return value
        case .string("date-time"): return .string(Samples.date.rfc3339)
        case .string("uuid"): return .string(Samples.uuid)
        case .string: return "text"
        case .integer: return 1
        case .number: return 0.5
        case .boolean: return true
        case .object, .any: return [:]
        case .choice(let words): return words.first.map { .string($0) } ?? "text"
        case .nullable(let inner): return value(of: inner, inside: shapes) ?? .null
        case .optional(let inner): return value(of: inner, inside: shapes)
        case .list(let inner): return .array([value(of: inner, inside: shapes)].compactMap { $0 })
        case .map(let inner):
            return .object(value(of: inner, inside: shapes).map { ["name": $0] } ?? [:])
        case .either(let types): return types.lazy.compactMap { value(of: $0, inside: shapes) }.first
        case .shape(let name, let members):
            guard !shapes.contains(name) else { return nil }
            return object(members(), inside: shapes.union([name]))
        }
    }

    private static func object(_ members: [(name: String, type: MemberType)], inside shapes: Set<String>) -> JSON {
        var object = JSONObject()
        for member in members {
            if let value = value(of: member.type, inside: shapes) { object[member.name] = value }
        }
        return .object(object)
    }
}

extension MemberType {
    /// Whether the member may be left out.
    var isOptional: Bool {
        switch self {
        case .optional: true
        case .shown(let inner, _): inner.isOptional
        default: false
        }
    }

    /// The name of the shape, if it is one.
    var shapeName: String? {
        switch self {
        case .shape(let name, _): name
        case .shown(let inner, _): inner.shapeName
        default: nil
        }
    }
}
