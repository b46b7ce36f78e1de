import Codecs
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Values against the JSON Schemas of an OpenAPI document: the keywords that ours uses, and a fault for any other, so that none
/// is passed over in silence.
package struct SchemaCheck: Sendable {
    private let document: JSON

    package init(document: JSON) {
        self.document = document
    }

    /// What `$ref` leads to, else the value itself.
    package func resolved(_ value: JSON) -> JSON {
        guard let reference = value["$ref"]?.string else { return value }
        let steps = reference.split(separator: "/").dropFirst()
        return steps.reduce(document) { $0[String($1)] ?? .null }
    }

    /// All that is wrong with the value, each with where.
    package func faults(_ value: JSON, _ schema: JSON, at place: String = "$") -> [String] {
        guard let object = resolved(schema).object else { return ["\(place): there is no such schema"] }
        return object.flatMap { keyword, rule in fault(value, keyword, rule, object, place) }
    }

    private func fault(
        _ value: JSON, _ keyword: String, _ rule: JSON, _ schema: JSONObject, _ place: String
    ) -> [String] {
        switch keyword {
        case "type":
            let types = rule.array ?? [rule]
            return types.contains { Self.isOf($0.string ?? "", value) } ? [] : ["\(place): is no \(rule.text)"]
        case "enum":
            return (rule.array ?? []).contains(value) ? [] : ["\(place): is none of \(rule.text)"]
        case "anyOf":
            let all = (rule.array ?? []).map { faults(value, $0, at: place) }
            return all.contains([]) ? [] : ["\(place): fits none of \(all)"]
        case "required":
            guard let object = value.object else { return [] }
            return (rule.array ?? []).compactMap(\.string).filter { object[$0] == nil }.map { "\(place): lacks \($0)" }
        case "properties":
            guard let object = value.object else { return [] }
            return object.flatMap { name, member in
                rule[name].map { faults(member, $0, at: "\(place).\(name)") }
                    ?? (schema["additionalProperties"] == nil ? ["\(place): nobody told of \(name)"] : [])
            }
        case "additionalProperties":
            return value.object?.flatMap { faults($0.value, rule, at: "\(place).\($0.key)") } ?? []
        case "items":
            return value.array?.enumerated().flatMap { faults($1, rule, at: "\(place)[\($0)]") } ?? []
        case "description", "default", "example": return []
        default: return bound(value, keyword, rule, place)
        }
    }

    private func bound(_ value: JSON, _ keyword: String, _ rule: JSON, _ place: String) -> [String] {
        let limit = rule.int ?? 0
        let holds: Bool? =
            switch keyword {
            case "minLength": value.string.map { $0.unicodeScalars.count >= limit } ?? true
            case "maxLength": value.string.map { $0.unicodeScalars.count <= limit } ?? true
            case "minimum": value.int.map { $0 >= limit } ?? true
            case "maximum": value.int.map { $0 <= limit } ?? true
            case "format": value.string.map { Self.isOf(format: rule.string ?? "", $0) } ?? true
            default: nil
            }
        guard let holds else { return ["\(place): the keyword \(keyword) is unknown here"] }
        return holds ? [] : ["\(place): breaks \(keyword) \(rule.text)"]
    }

    private static func isOf(_ type: String, _ value: JSON) -> Bool {
        switch type {
        case "string": value.string != nil
        case "integer": value.int != nil
        case "number": value.double != nil
        case "boolean": value.bool != nil
        case "object": value.object != nil
        case "array": value.array != nil
        case "null": value.isNull
        default: false
        }
    }

    private static func isOf(format: String, _ text: String) -> Bool {
        switch format {
        case "uuid": UUIDText.parse(text) != nil
        case "date-time": (try? Date(text, strategy: .iso8601)) != nil || isFractional(text)
        default: false
        }
    }

    /// `2026-03-01T09:30:00.000000Z`.
    private static func isFractional(_ text: String) -> Bool {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let zone = parts[1].firstIndex(where: { !$0.isNumber }) else { return false }
        return (try? Date(String(parts[0] + parts[1][zone...]), strategy: .iso8601)) != nil
    }
}
