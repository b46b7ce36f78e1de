import Codecs
import HTTPTypes

/// Routes as OpenAPI's operations.
struct Operations {
    private let failures: Failures
    private let routes: [Route]
    private(set) var schemas = Schemas()

    init(_ product: Product) {
        failures = Failures(product)
        routes = product.routes
    }

    /// `notes_list`, `auth_signup`; where an address has several methods, the method stands behind the surface.
    func id(of route: Route) -> String {
        var words = route.path.split(separator: "/").map { $0.filter { $0 != "{" && $0 != "}" } }
        if words.starts(with: ["functions", "v1"]) { words.removeFirst(2) }
        if words.starts(with: ["auth", "v1"]) { words.remove(at: 1) }
        if routes.filter({ $0.path == route.path }).count > 1 {
            words.insert(route.method.rawValue.lowercased(), at: min(1, words.count))
        }
        let id = words.joined(separator: "_")
        return String(id.map { $0.isLetter || $0.isNumber ? $0 : "_" })
            .trimming { $0 == "_" }
    }

    mutating func operation(of route: Route) -> JSON {
        var operation: JSONObject = [
            "operationId": .string(id(of: route)), "tags": [.string(route.feature)],
            "summary": .string(route.summary), "description": .string(description(of: route)),
        ]
        let parameters = route.inputs.filter { $0.place == .query }.map(Self.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if route.readsBody { operation["requestBody"] = Self.body(route) }
        operation["responses"] = .object(responses(of: route))
        operation["security"] = Self.security(route)
        return .object(operation)
    }

    private func description(of route: Route) -> String {
        let who =
            switch route.accessName {
            case "public": "Open to all."
            case "signed in": "For a person who is signed in."
            case "operator": "For operators of this installation."
            case "service key": "For the service_role key."
            default: "For members whose role has the permission `\(route.permission?.name ?? "")`."
            }
        return route.stopsForMaintenance ? who : who + " Open also during maintenance."
    }

    private static func parameter(_ field: RouteField) -> JSON {
        [
            "name": .string(field.name), "in": "query", "required": .bool(field.schema.isRequired),
            "description": .string(field.schema.doc), "schema": Schemas.schema(of: field.schema, in: .query),
            "example": Samples.value(of: field),
        ]
    }

    private static func body(_ route: Route) -> JSON {
        let fields = route.inputs.filter { $0.place == .body }
        var properties = JSONObject()
        for field in fields {
            guard case .object(var schema) = Schemas.schema(of: field.schema, in: .body) else { continue }
            schema["description"] = .string(field.schema.doc)
            properties[field.name] = .object(schema)
        }
        var schema: JSONObject = ["type": "object", "properties": .object(properties)]
        let required = fields.filter(\.schema.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return [
            "required": .bool(!required.isEmpty),
            "content": [
                "application/json": [
                    "schema": .object(schema),
                    "example": .object(Samples.object(route.inputs, in: .body, onlyRequired: false)),
                ]
            ],
        ]
    }

    // MARK: - Answers

    private mutating func responses(of route: Route) -> JSONObject {
        var responses = JSONObject()
        if let success = route.success {
            responses[String(success.status)] = answer(success)
            if success.isKept {
                responses["304"] = ["description": "The client has it already.", "headers": Self.headers(kept: true)]
            }
        }
        for (status, kinds) in failures.byStatus(of: route) {
            responses[String(status)] = refusal(kinds, route.surface, status: status)
        }
        return responses
    }

    private mutating func answer(_ success: Success) -> JSON {
        var answer: JSONObject = [
            "description": .string(success.status == 201 ? "Made." : "Done."),
            "headers": Self.headers(kept: success.isKept),
        ]
        if let media = success.media {
            let schema: JSON = success.type.map { schemas.schema(of: $0) } ?? ["type": "string"]
            answer["content"] = .object([media: ["schema": schema]])
        }
        return .object(answer)
    }

    private mutating func refusal(_ kinds: [ProblemKind], _ surface: Surface, status: Int) -> JSON {
        var codes: [String] = []
        for kind in kinds where !codes.contains(kind.code(on: surface)) { codes.append(kind.code(on: surface)) }
        let sentences = kinds.map { "`\($0.code(on: surface))`: \($0.title)" }
        var headers: JSONObject = ["X-Request-ID": ["$ref": "#/components/headers/X-Request-ID"]]
        if status == 503 { headers["Retry-After"] = ["$ref": "#/components/headers/Retry-After"] }
        return [
            "description": .string(sentences.joined(separator: "\n\n")),
            "headers": .object(headers),
            "content": [
                "application/json": ["schema": schemas.schema(of: ErrorShapes.type(of: surface))]
            ],
            "x-codes": .array(codes.map { .string($0) }),
        ]
    }

    private static func headers(kept: Bool) -> JSON {
        var headers: JSONObject = ["X-Request-ID": ["$ref": "#/components/headers/X-Request-ID"]]
        if kept { headers["ETag"] = ["$ref": "#/components/headers/ETag"] }
        return .object(headers)
    }

    private static func security(_ route: Route) -> JSON {
        route.authenticates ? [["bearer": []]] : [[:], ["apikey": []]]
    }
}

extension String {
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> String {
        var text = Substring(self)
        while let first = text.first, isDropped(first) { text.removeFirst() }
        while let last = text.last, isDropped(last) { text.removeLast() }
        return String(text)
    }
}
