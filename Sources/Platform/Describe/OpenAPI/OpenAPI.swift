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
                "securitySchemes": securitySchemes(product), "headers": Responses.commonHeaders,
                "schemas": .object(sorted(operations.responses.schemas.components)),
                "examples": .object(sorted(operations.responses.examples.components)),
            ],
        ]
    }

    /// The document as it is committed and compared.
    public static func pretty(_ document: JSON) -> String {
        PrettyJSON.text(document)
    }

    private static func securitySchemes(_ product: Product) -> JSON {
        var schemes: JSONObject = [
            "bearer": [
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "The access token of a session, or the service_role key.",
            ],
            "apikey": [
                "type": "apiKey", "in": "header", "name": "apikey",
                "description": "The anon key, as Supabase's clients send it. Nothing needs it.",
            ],
        ]
        for token in product.routes.compactMap(\.ownToken?.token) {
            schemes[token.name] = ["type": "http", "scheme": "bearer", "description": .string(token.doc)]
        }
        return .object(schemes)
    }

    private static func sorted(_ object: JSONObject) -> JSONObject {
        JSONObject(object.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
    }
}
