import Codecs

/// The product's routes as an OpenAPI 3.1 document: what clients are generated from. Made of the very values that the server
/// runs; nothing of it is written by hand.
public enum OpenAPI {
    /// - Parameters:
    ///   - version: the program's.
    ///   - url: where the API is, without a trailing slash.
    public static func document(_ product: Product, version: String, url: String) -> JSON {
        var operations = Operations(product)
        var paths = JSONObject()
        for route in product.routes where !route.isAsset {
            var item = paths[route.path]?.object ?? [:]
            item[route.method.rawValue.lowercased()] = operations.operation(of: route)
            paths[route.path] = .object(item)
        }
        let tags = product.features.filter { !$0.routes.isEmpty }.map { JSON.object(["name": .string($0.name)]) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Lean SaaS", "version": .string(version),
                "description": "The backend of a software-as-a-service product.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": .string(url)]],
            "tags": .array(tags),
            "paths": .object(paths),
            "components": [
                "securitySchemes": securitySchemes, "headers": headers,
                "schemas": .object(sorted(operations.schemas.components)),
            ],
        ]
    }

    /// The document as it is committed and compared.
    public static func pretty(_ document: JSON) -> String {
        PrettyJSON.text(document)
    }

    private static let securitySchemes: JSON = [
        "bearer": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The access token of a session, or the service_role key.",
        ],
        "apikey": [
            "type": "apiKey", "in": "header", "name": "apikey",
            "description": "The anon key, as Supabase's clients send it. Nothing needs it.",
        ],
    ]

    private static let headers: JSON = [
        "X-Request-ID": [
            "description": "Ties the answer to its log lines: the request's own, or made up.",
            "schema": ["type": "string", "maxLength": 128],
        ],
        "ETag": [
            "description": "For If-None-Match.", "schema": ["type": "string"],
        ],
        "Retry-After": [
            "description": "Seconds after which trying again makes sense.",
            "schema": ["type": "integer", "minimum": 1],
        ],
    ]

    private static func sorted(_ object: JSONObject) -> JSONObject {
        JSONObject(object.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
    }
}
