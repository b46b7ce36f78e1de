import Codecs
import HTTPTypes

/// What a route can answer, each with its headers, its shape and an example.
struct Responses {
    private let failures: Failures
    private(set) var schemas = Schemas()
    private(set) var examples = RefusalExamples()

    init(_ failures: Failures) {
        self.failures = failures
    }

    mutating func all(of route: Route) -> JSONObject {
        var responses = JSONObject()
        if let success = route.success {
            responses[String(success.status)] = answer(success)
            if success.isKept {
                responses["304"] = [
                    "description": "The client has it already.", "headers": Self.headers([.requestID, .eTag]),
                ]
            }
        }
        for (status, kinds) in failures.byStatus(of: route) {
            responses[String(status)] = refusal(kinds, route, status: status)
        }
        return responses
    }

    private mutating func answer(_ success: Success) -> JSON {
        var headers = Self.headers(success.isKept ? [.requestID, .eTag] : [.requestID])
        if case .object(var object) = headers {
            for (name, doc) in success.headers {
                object[name.rawName] = ["description": .string(doc), "required": true, "schema": ["type": "string"]]
            }
            headers = .object(object)
        }
        var answer: JSONObject = [
            "description": .string(success.status == 201 ? "Made." : "Done."), "headers": headers,
        ]
        if let media = success.media { answer["content"] = .object([media: .object(content(success))]) }
        return .object(answer)
    }

    private mutating func content(_ success: Success) -> JSONObject {
        guard let type = success.type else {
            return ["schema": ["type": "string"], "example": .string(success.example ?? "")]
        }
        var content: JSONObject = ["schema": schemas.schema(of: type)]
        if case .either(let types) = type {
            content["examples"] = .object(
                JSONObject(
                    types.compactMap { type in type.shapeName.map { ($0, ["value": Examples.value(of: type)]) } }))
        } else {
            content["example"] = Examples.value(of: type)
        }
        return content
    }

    private mutating func refusal(_ kinds: [ProblemKind], _ route: Route, status: Int) -> JSON {
        var codes: [String] = []
        for kind in kinds {
            let code = kind.code(on: route.surface)
            if !codes.contains(code) { codes.append(code) }
        }
        let sentences = kinds.map { "`\($0.code(on: route.surface))`: \($0.title)" }
        return [
            "description": .string(sentences.joined(separator: "\n\n")),
            "headers": Self.headers(Self.headers(of: status)),
            "content": [
                "application/json": [
                    "schema": schemas.schema(of: ErrorShapes.type(of: route.surface)),
                    "examples": .object(examples.references(to: kinds, of: route)),
                ]
            ],
            "x-codes": .array(codes.map { .string($0) }),
        ]
    }

    // MARK: - Headers

    private static func headers(of status: Int) -> [HTTPField.Name] {
        switch status {
        case 401: [.requestID, .wwwAuthenticate]
        case 405: [.requestID, .allow]
        case 429:
            [
                .requestID, .retryAfter, .rateLimit, .rateLimitPolicy, .rateLimitLimit, .rateLimitRemaining,
                .rateLimitReset,
            ]
        case 503: [.requestID, .retryAfter]
        default: [.requestID]
        }
    }

    private static func headers(_ names: [HTTPField.Name]) -> JSON {
        .object(JSONObject(names.map { ($0.rawName, ["$ref": .string("#/components/headers/\($0.rawName)")]) }))
    }

    /// Headers that more than one route answers with: whatever names one, always carries it.
    static let commonHeaders: JSON = [
        "X-Request-ID": header("Ties the answer to its log lines: the request's own, or made up.", Samples.uuid),
        "ETag": header("For If-None-Match.", "\"8d1f0c2b7a6e5934\""),
        "WWW-Authenticate": header("How to sign in: with a bearer token.", "Bearer"),
        "Allow": header("The methods that this address takes.", "GET, HEAD, OPTIONS"),
        "Retry-After": number("Seconds after which trying again makes sense.", least: 1),
        "RateLimit": header(
            "The limit that lets in the fewest more: how many, and the seconds until it lets in more.",
            "\"global\";r=0;t=60"),
        "RateLimit-Policy": header(
            "That limit: how many requests in a window of how many seconds.", "\"global\";q=1000;w=3600"),
        "X-RateLimit-Limit": number("How many requests that limit lets in.", least: 1),
        "X-RateLimit-Remaining": number("How many more it lets in now.", least: 0),
        "X-RateLimit-Reset": number("When it lets in more, in seconds since 1970.", least: 0),
    ]

    private static func number(_ doc: String, least: Int) -> JSON {
        [
            "description": .string(doc), "required": true,
            "schema": ["type": "integer", "minimum": JSON(least)], "example": JSON(least),
        ]
    }

    private static func header(_ doc: String, _ example: String) -> JSON {
        [
            "description": .string(doc), "required": true, "schema": ["type": "string"],
            "example": .string(example),
        ]
    }
}
