import Codecs
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a verb answers with: it writes itself, and its shape is what OpenAPI shows.
public protocol Output: JSONWritable, Answerable {
    static var shape: Shape<Self> { get }
}

/// An object's members in order: each is written and described by the same entry.
public struct Shape<Value: Sendable>: Sendable {
    public let name: String
    public let members: [Member<Value>]
    private let writeMembers: @Sendable (Value, inout JSONWriter) -> Void
    /// Of what is cached of it.
    let form: ShapeForm

    public init(_ name: String, _ members: [Member<Value>]) {
        self.name = name
        self.members = members
        writeMembers = Self.chain(members)
        form = ShapeForm(name, members.map { ($0.name, $0.type) })
    }

    public func write(_ value: Value, to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(value, &writer)
        writer.endObject()
    }

    /// The members' writers as one. Walking the list would count the references of each member for each value that is
    /// written, which took 3 % of the time of a page of rows.
    private static func chain(_ members: [Member<Value>]) -> @Sendable (Value, inout JSONWriter) -> Void {
        var chain: @Sendable (Value, inout JSONWriter) -> Void = { _, _ in }
        for member in members {
            let (before, key, write, isThere) = (chain, member.key, member.write, member.isThere)
            chain = { value, writer in
                before(value, &writer)
                if let isThere, !isThere(value) { return }
                writer.key(quoted: key)
                write(value, &writer)
            }
        }
        return chain
    }
}

/// One member of an answer.
public struct Member<Value: Sendable>: Sendable {
    public let name: String
    public private(set) var type: MemberType
    /// `name` as JSON writes it, with its colon.
    fileprivate let key: [UInt8]
    let write: @Sendable (Value, inout JSONWriter) -> Void
    /// Nil: always.
    fileprivate private(set) var isThere: (@Sendable (Value) -> Bool)?

    /// `.init("title") { $0.title }`
    @inlinable
    public init<Part: JSONWritable>(_ name: String, _ part: @escaping @Sendable (Value) -> Part) {
        self.init(name, Part.memberType) { value, writer in part(value).write(to: &writer) }
    }

    /// A member that is left out where there is none.
    public static func optional<Part: JSONWritable>(
        _ name: String, _ part: @escaping @Sendable (Value) -> Part?
    ) -> Member {
        var member = Member(name, .optional(Part.memberType)) { value, writer in part(value)?.write(to: &writer) }
        member.isThere = { part($0) != nil }
        return member
    }

    @usableFromInline
    init(_ name: String, _ type: MemberType, _ write: @escaping @Sendable (Value, inout JSONWriter) -> Void) {
        self.name = name
        key = JSONWriter.quoted(name)
        self.type = type
        self.write = write
    }

    /// The same member, with a value that shows in the docs what is meant.
    public func example(_ value: JSON) -> Member {
        var member = self
        member.type = type.example(value)
        return member
    }
}

/// What OpenAPI says of a member.
public indirect enum MemberType: Sendable {
    case string(format: String?)
    case integer, number, boolean
    /// An object of anybody's own.
    case object
    case any
    /// One of these words.
    case choice([String])
    case nullable(MemberType)
    /// A member that may be left out.
    case optional(MemberType)
    case list(MemberType)
    /// An object whose members, of any name, are all of a type.
    case map(MemberType)
    case either([MemberType])
    case shape(name: String, members: @Sendable () -> [(name: String, type: MemberType)])
    /// A type of which the docs show this value.
    case shown(MemberType, as: JSON)

    public static var string: MemberType { .string(format: nil) }
    public static var time: MemberType { .string(format: "date-time") }
    public static var uuid: MemberType { .string(format: "uuid") }

    /// The same type, with a value that shows in the docs what is meant.
    public func example(_ value: JSON) -> MemberType { .shown(self, as: value) }

    /// An object that is described beside the code that writes it.
    public static func record(_ name: String, _ members: [(name: String, type: MemberType)]) -> MemberType {
        .shape(name: name) { members }
    }
}

/// What can stand in an answer.
public protocol JSONWritable: Sendable {
    static var memberType: MemberType { get }
    func write(to writer: inout JSONWriter)
}

extension JSONWriter {
    /// The value's JSON.
    public static func bytes(of value: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        value.write(to: &writer)
        return writer.bytes
    }
}

extension String: JSONWritable {
    public static var memberType: MemberType { .string(format: nil) }
    public func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Int: JSONWritable {
    public static var memberType: MemberType { .integer }
    public func write(to writer: inout JSONWriter) { writer.int(self) }
}

extension Double: JSONWritable {
    public static var memberType: MemberType { .number }
    public func write(to writer: inout JSONWriter) { writer.double(self) }
}

extension Bool: JSONWritable {
    public static var memberType: MemberType { .boolean }
    public func write(to writer: inout JSONWriter) { writer.bool(self) }
}

extension ID: JSONWritable {
    public static var memberType: MemberType { .string(format: "uuid") }
    public func write(to writer: inout JSONWriter) {
        writer.plain(capacity: UUIDText.length) { UUIDText.write(uuid.uuid, to: $0) }
    }
}

/// RFC 3339 in UTC, with microseconds.
extension Date: JSONWritable {
    public static var memberType: MemberType { .string(format: "date-time") }
    public func write(to writer: inout JSONWriter) {
        writer.plain(capacity: CivilTime.longest) { writeRFC3339(to: $0) }
    }
}

extension JSON: JSONWritable {
    public static var memberType: MemberType { .any }
    public func write(to writer: inout JSONWriter) { writer.raw(encoded()) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    public static var memberType: MemberType { .nullable(Wrapped.memberType) }
    public func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    public static var memberType: MemberType { .list(Element.memberType) }
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for element in self { element.write(to: &writer) }
        writer.endArray()
    }
}

extension Output {
    public static var memberType: MemberType {
        .shape(name: shape.name) { shape.members.map { ($0.name, $0.type) } }
    }

    public func write(to writer: inout JSONWriter) { Self.shape.write(self, to: &writer) }
}
