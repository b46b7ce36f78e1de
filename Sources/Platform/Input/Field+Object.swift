import Codecs

extension Field {
    /// An object whose members are fields themselves; nil when it is left out or null. What is wrong in it is named with
    /// its place: `preferences.theme`.
    public static func object<Parts>(_ name: String, of parts: Input<Parts>, _ doc: String) -> Field
    where Value == Parts? {
        var schema = FieldSchema(type: "object", doc: doc)
        schema.isRequired = false
        schema.members = parts.entries.map { FieldMember(name: $0.name, schema: $0.schema) }
        return Field(name, schema) { json in
            guard let json, json != .null else { return .value(nil) }
            guard let object = json.object else { return .wrong("must be an object") }
            do throws(Problem) {
                return .value(try parts.value(from: InputSource(body: object, query: [:], usual: .body)))
            } catch {
                return .wrongMembers(error.fields)
            }
        }
    }
}

/// A member of an object that a field takes.
public struct FieldMember: Sendable {
    public let name: String
    public let schema: FieldSchema
}
