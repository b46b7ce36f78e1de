import Codecs

/// Routes as OpenAPI's operations.
struct Operations {
    private let names: OperationNames
    private(set) var responses: Responses

    init(_ product: Product) {
        names = OperationNames(product.routes)
        responses = Responses(Failures(product))
    }

    func id(of route: Route) -> String { names.name(of: route) }

    mutating func operation(of route: Route) -> JSON {
        var operation: JSONObject = [
            "operationId": .string(id(of: route)), "tags": [.string(route.feature)],
            "summary": .string(route.summary), "description": .string(Self.description(of: route)),
        ]
        let parameters = route.inputs.filter { $0.place != .body }.map(Self.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if route.readsBody { operation["requestBody"] = Self.body(route) }
        if let raw = route.rawBody { operation["requestBody"] = Self.body(raw) }
        operation["responses"] = .object(responses.all(of: route))
        operation["security"] = Self.security(route)
        return .object(operation)
    }

    static func description(of route: Route) -> String {
        let text =
            switch route.accessName {
            case _ where route.ownToken != nil: route.ownToken?.access ?? ""
            case "public": "Open to all."
            case "signed in": "For a person who is signed in."
            case "operator": "For operators of this installation."
            case "service key": "For the service_role key."
            case "administrator": "For operators of this installation and the service_role key."
            default: "For members whose role has the permission `\(route.permission?.name ?? "")`."
            }
        return route.stopsForMaintenance ? text : text + " Open also during maintenance."
    }

    private static func parameter(_ field: RouteField) -> JSON {
        var parameter: JSONObject = [
            "name": .string(field.name), "in": .string(field.place.rawValue),
            "required": .bool(field.schema.isRequired),
            "description": .string(field.schema.doc), "schema": Schemas.schema(of: field.schema, in: field.place),
        ]
        if field.schema.isShown { parameter["example"] = Samples.value(of: field) }
        return .object(parameter)
    }

    private static func body(_ route: Route) -> JSON {
        let (properties, required) = Schemas.members(
            route.inputs.filter { $0.place == .body }.map { FieldMember(name: $0.name, schema: $0.schema) })
        var schema: JSONObject = ["type": "object", "properties": .object(properties)]
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

    private static func body(_ raw: RawBody) -> JSON {
        [
            "required": true, "description": .string(raw.doc),
            "content": ["application/json": ["schema": ["type": "object"], "example": raw.example]],
        ]
    }

    /// One of these is enough: callers' own credentials, or the token that the verb asks for itself.
    private static func security(_ route: Route) -> JSON {
        let own: [JSON] = route.ownToken.map { [[$0.token.name: []]] } ?? []
        if route.authenticates { return .array([["bearer": []]] + own) }
        if route.ownToken?.isNeeded == true { return .array(own) }
        return .array([[:], ["apikey": []]] + own)
    }
}
