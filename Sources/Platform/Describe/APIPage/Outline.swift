/// A type as people read one: its members and theirs, indented.
enum Outline {
    static func text(of type: MemberType) -> String {
        word(type, indent: "")
    }

    private static func word(_ type: MemberType, indent: String) -> String {
        switch type {
        case .string(let format): format ?? "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "true or false"
        case .object: "object"
        case .any: "anything"
        case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: " | ")
        case .nullable(let inner): word(inner, indent: indent) + " or null"
        case .optional(let inner): word(inner, indent: indent)
        case .list(let inner): "[" + word(inner, indent: indent) + "]"
        case .map(let inner): "{any name: " + word(inner, indent: indent) + "}"
        case .either(let types): types.map { word($0, indent: indent) }.joined(separator: "\nor ")
        case .shown(let inner, _): word(inner, indent: indent)
        case .shape(_, let members): object(members(), indent: indent)
        }
    }

    private static func object(_ members: [(name: String, type: MemberType)], indent: String) -> String {
        let inner = indent + "  "
        let lines = members.map { member in
            let mark = member.type.isOptional ? "?" : ""
            return "\(inner)\(member.name)\(mark): \(word(member.type, indent: inner))"
        }
        return "{\n" + lines.joined(separator: "\n") + "\n\(indent)}"
    }
}
