import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Values that a route takes, for examples and for tests: never random, so that what is generated stays as it is.
package enum Samples {
    /// 2026-03-01 09:30 UTC.
    static let date = Date(timeIntervalSince1970: 1_772_357_400)
    static let uuid = "8f14e45f-ceea-467f-a9d8-2d3f1b6c7a10"

    /// The value that the docs show for a field.
    package static func value(of field: RouteField) -> JSON {
        let schema = field.schema
        if let example = schema.example { return example }
        if let fallback = schema.fallback { return fallback }
        if let choice = schema.choices.first { return .string(choice) }
        switch schema.type {
        case "integer": return JSON(schema.minimum ?? 0)
        case "boolean": return false
        case "object" where !schema.members.isEmpty:
            let members = schema.members.map { RouteField(name: $0.name, place: .body, schema: $0.schema) }
            return .object(object(members, in: .body, onlyRequired: false))
        case "object": return ["plan": "early"]
        default: return schema.format == "uuid" ? .string(uuid) : .string(text(field.name, schema))
        }
    }

    /// The body's members that a caller would send, or the query's: all that is shown, or only what must be there.
    package static func object(_ fields: [RouteField], in place: FieldPlace, onlyRequired: Bool) -> JSONObject {
        var object = JSONObject()
        for field in fields
        where field.place == place && field.schema.isShown && (field.schema.isRequired || !onlyRequired) {
            object[field.name] = value(of: field)
        }
        return object
    }

    /// The route's path, with the values that the docs show in place of what stands in braces.
    static func path(_ route: Route) -> String {
        route.inputs.filter { $0.place == .path }.reduce(route.path) { path, field in
            path.replacing("{\(field.name)}", with: value(of: field).string ?? "")
        }
    }

    private static func text(_ name: String, _ schema: FieldSchema) -> String {
        let text =
            switch name {
            case "email": "ada@example.com"
            case "password": "correct horse battery"
            case "name": "Analytical Engines"
            case "title": "First note"
            default: "text"
            }
        let least = schema.minimum ?? 0
        let padded = text.count < least ? text + String(repeating: "x", count: least - text.count) : text
        return String(padded.prefix(schema.maximum ?? 100))
    }
}
