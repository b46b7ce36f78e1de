import Codecs
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reads what a route's input needs from the query and the body, within limits.
struct InputReader {
    let edge: Edge

    /// - Throws: `Problem`: 413 for a body above the limit, 415 for another type than JSON, 400 for what is no object.
    func read(_ request: Request, for route: Route) async throws -> InputSource {
        let usual: FieldPlace = route.method.takesBody ? .body : .query
        let query =
            route.inputs.contains { $0.place == .query || $0.schema.isAlsoInQuery } ? try Self.query(request.uri) : [:]
        let path = route.inputs.contains { $0.place == .path } ? Self.path(request.uri, route) : [:]
        if let raw = route.rawBody {
            let bytes = try await Self.collect(request, upTo: min(raw.mostBytes, edge.bodyLimit))
            return InputSource(
                path: path, body: [:], query: query, usual: usual, raw: Array(bytes.readableBytesView))
        }
        let body = route.readsBody ? try await object(request, mayBeForm: route.surface == .page) : [:]
        return InputSource(path: path, body: body, query: query, usual: usual)
    }

    /// The segments that stand where the route's are in braces.
    private static func path(_ uri: URI, _ route: Route) -> JSONObject {
        var object: JSONObject = [:]
        for (name, segment) in zip(route.path.split(separator: "/"), uri.path.split(separator: "/"))
        where name.hasPrefix("{") {
            object[String(name.dropFirst().dropLast())] = .string(String(segment))
        }
        return object
    }

    private func object(_ request: Request, mayBeForm: Bool) async throws -> JSONObject {
        let isForm = mayBeForm && Self.isForm(request.headers[.contentType])
        try Self.checkLength(request, edge.bodyLimit)
        // Whatever its type: a form of another site can be sent as text, too.
        if mayBeForm { try Self.checkOrigin(request) }
        if !isForm, let type = request.headers[.contentType], !Self.isJSON(type) {
            throw Problem(.unsupportedMediaType)
        }
        let buffer = try await Self.collect(request, upTo: edge.bodyLimit)
        guard buffer.readableBytes > 0 else { return [:] }
        guard !isForm else { return try Self.fields(String(buffer: buffer)) }
        return try buffer.withUnsafeReadableBytes { bytes in
            try Self.object(bytes.bindMemory(to: UInt8.self))
        }
    }

    /// Told before the body comes, a length above the limit is refused without waiting for it.
    private static func checkLength(_ request: Request, _ limit: Int) throws(Problem) {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw Problem(.tooLarge)
        }
    }

    private static func collect(_ request: Request, upTo limit: Int) async throws -> ByteBuffer {
        try checkLength(request, limit)
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem(.tooLarge)
        } catch {
            // The client went away, or what it sent is no body: nobody may be there to read this.
            throw Problem(.malformedRequest, "The body ended early.", cause: error)
        }
    }

    private static func object(_ bytes: UnsafeBufferPointer<UInt8>) throws(Problem) -> JSONObject {
        do {
            guard let object = try JSON(parsing: bytes).object else {
                throw Problem(.invalidInput, "The body must be a JSON object.")
            }
            return object
        } catch let problem as Problem {
            throw problem
        } catch JSONError.tooDeep {
            throw Problem(.badJSON, "The body is nested too deep: \(JSONLimits().maxDepth) levels are taken.")
        } catch {
            throw Problem(.badJSON, cause: error)
        }
    }

    static func isJSON(_ type: String) -> Bool {
        let media = type.prefix { $0 != ";" }.lowercased()
        // supabase-js sends a body that is already text as text/plain.
        return media.hasPrefix("application/json") || media.hasPrefix("text/plain")
    }

    /// The last of several values of a name counts.
    private static func query(_ uri: URI) throws(Problem) -> JSONObject {
        guard let query = uri.query else { return [:] }
        return try fields(query)
    }

    private static func fields(_ text: some StringProtocol) throws(Problem) -> JSONObject {
        var object: JSONObject = [:]
        guard let pairs = QueryString.pairs(text) else { throw Problem(.invalidInput, "The query is not valid.") }
        for (name, value) in pairs { object[name] = .string(value) }
        return object
    }

    private static func isForm(_ type: String?) -> Bool {
        type?.prefix { $0 != ";" }.lowercased() == "application/x-www-form-urlencoded"
    }

    /// A form is sent from our own pages or from none: any page of the web can send one here, and browsers say which did
    /// (Fetch Metadata; Origin, RFC 6454).
    private static func checkOrigin(_ request: Request) throws(Problem) {
        if let site = request.headers[.fetchSite] {
            guard site == "same-origin" || site == "none" else { throw Problem(.foreignForm) }
        } else if let origin = request.headers[.origin], let host = request.head.authority {
            guard origin.hasSuffix("://" + host) else { throw Problem(.foreignForm) }
        }
    }
}

extension ProblemKind {
    /// A form that another site sent.
    public static let foreignForm = ProblemKind("FOREIGN_FORM", 403, "This form was sent from another site.")
}

extension HTTPField.Name {
    static let fetchSite = known("Sec-Fetch-Site")
}
