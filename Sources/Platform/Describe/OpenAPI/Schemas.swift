import Codecs

/// JSON Schema (2020-12, as OpenAPI 3.1 has it) of what goes in and out. Named shapes are written once and referred to.
struct Schemas {
    private(set) var components = JSONObject()

    mutating func schema(of type: MemberType) -> JSON {
        switch type {
        case .string(nil): return ["type": "string"]
        case .string(let format?): return ["type": "string", "format": .string(format)]
        case .integer: return ["type": "integer"]
        case .number: return ["type": "number"]
        case .boolean: return ["type": "boolean"]
        case .object: return ["type": "object"]
        case .any: return [:]
        case .choice(let words): return ["type": "string", "enum": .array(words.map { .string($0) })]
        case .nullable(let inner): return nullable(schema(of: inner))
        case .optional(let inner): return schema(of: inner)
        case .list(let inner): return ["type": "array", "items": schema(of: inner)]
        case .map(let inner): return ["type": "object", "additionalProperties": schema(of: inner)]
        case .either(let types): return ["anyOf": .array(types.map { schema(of: $0) })]
        case .shown(let inner, _): return schema(of: inner)
        case .shape(let name, let members): return reference(to: name, members())
        }
    }

    private func nullable(_ schema: JSON) -> JSON {
        guard case .object(var object) = schema, let type = object["type"] else {
            return ["anyOf": [schema, ["type": "null"]]]
        }
        object["type"] = [type, "null"]
        return .object(object)
    }

    private mutating func reference(to name: String, _ members: [(name: String, type: MemberType)]) -> JSON {
        let reference: JSON = ["$ref": .string("#/components/schemas/\(name)")]
        guard components[name] == nil else { return reference }
        // Before its members, so that a shape may hold itself.
        components[name] = .null
        var properties = JSONObject()
        var required: [JSON] = []
        for member in members {
            properties[member.name] = schema(of: member.type)
            if member.type.isOptional { continue }
            required.append(.string(member.name))
        }
        var object: JSONObject = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { object["required"] = .array(required) }
        components[name] = .object(object)
        return reference
    }

    /// A field of an input. One that may be left out may also be null.
    static func schema(of field: FieldSchema, in place: FieldPlace) -> JSON {
        let mayBeNull = !field.isRequired && place == .body
        var schema: JSONObject = ["type": mayBeNull ? [.string(field.type), "null"] : .string(field.type)]
        if let format = field.format { schema["format"] = .string(format) }
        let bounds: (String, String)? =
            switch field.type {
            case "string": ("minLength", "maxLength")
            case "integer": ("minimum", "maximum")
            default: nil
            }
        if let bounds {
            if let least = field.minimum { schema[bounds.0] = JSON(least) }
            if let most = field.maximum { schema[bounds.1] = JSON(most) }
        }
        if !field.choices.isEmpty {
            schema["enum"] = .array(field.choices.map { .string($0) } + (mayBeNull ? [.null] : []))
        }
        if let fallback = field.fallback { schema["default"] = fallback }
        if !field.members.isEmpty {
            let (properties, required) = members(field.members)
            schema["properties"] = .object(properties)
            if !required.isEmpty { schema["required"] = .array(required) }
        }
        return .object(schema)
    }

    /// The members of a body, or of an object in it, and which must be there.
    static func members(_ fields: [FieldMember]) -> (properties: JSONObject, required: [JSON]) {
        var properties = JSONObject()
        for field in fields {
            guard case .object(var schema) = Self.schema(of: field.schema, in: .body) else { continue }
            schema["description"] = .string(field.schema.doc)
            properties[field.name] = .object(schema)
        }
        return (properties, fields.filter(\.schema.isRequired).map { .string($0.name) })
    }
}

/// The shapes of errors: each surface's clients expect their own.
enum ErrorShapes {
    static func type(of surface: Surface) -> MemberType {
        switch surface {
        case .functions, .plain, .page: functions
        case .auth: .either([auth, auth20240101])
        }
    }

    private static let functions = MemberType.record(
        "Error",
        [
            (
                "error",
                .record(
                    "ErrorDetails",
                    [
                        ("code", .string), ("message", .string),
                        (
                            "details",
                            .optional(
                                .list(.record("FieldError", [("field", .string), ("message", .string)])))
                        ),
                    ])
            ),
            ("timestamp", .time), ("requestId", .string),
        ])

    private static let reasons = MemberType.optional(.record("WeakPassword", [("reasons", .list(.string))]))

    private static let auth = MemberType.record(
        "AuthError",
        [("code", .integer), ("error_code", .string), ("msg", .string), ("weak_password", reasons)])

    /// For clients that send `X-Supabase-Api-Version: 2024-01-01`.
    private static let auth20240101 = MemberType.record(
        "AuthError20240101", [("code", .string), ("message", .string), ("weak_password", reasons)])
}
