import Threads

/// A shape's name and a hash of its members, theirs included: an answer that gains a member anywhere is another form, so that
/// nodes of two versions never read each other's bytes. Made when it is first asked for, since shapes may hold one another.
final class ShapeForm: Sendable {
    typealias Members = [(name: String, type: MemberType)]

    private let name: String
    private let members: Members
    private let known = Locked<String?>(nil)

    init(_ name: String, _ members: Members) {
        self.name = name
        self.members = members
    }

    var text: String {
        if let text = known.withLock({ $0 }) { return text }
        var seen: Set<String> = []
        let text = "\(name).\(CacheID.hash(Self.describe(name, members, &seen)).prefix(16))"
        known.withLock { $0 = text }
        return text
    }

    private static func describe(_ name: String, _ members: Members, _ seen: inout Set<String>) -> String {
        guard seen.insert(name).inserted else { return name }
        return name + "{" + members.map { "\($0.name):\(describe($0.type, &seen))" }.joined(separator: ",") + "}"
    }

    private static func describe(_ type: MemberType, _ seen: inout Set<String>) -> String {
        switch type {
        case .string(let format): "string(\(format ?? ""))"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .object: "object"
        case .any: "any"
        case .choice(let words): "choice(\(words.joined(separator: "|")))"
        case .nullable(let type): "nullable(\(describe(type, &seen)))"
        case .optional(let type): "optional(\(describe(type, &seen)))"
        case .list(let type): "list(\(describe(type, &seen)))"
        case .map(let type): "map(\(describe(type, &seen)))"
        case .either(let types): "either(\(types.map { describe($0, &seen) }.joined(separator: "|")))"
        case .shape(let name, let members): describe(name, members(), &seen)
        case .shown(let type, _): describe(type, &seen)
        }
    }
}
