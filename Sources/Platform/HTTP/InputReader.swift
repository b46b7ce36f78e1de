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
        let query = route.inputs.contains { $0.place == .query } ? try Self.query(request.uri) : [:]
        let path = route.inputs.contains { $0.place == .path } ? Self.path(request.uri, route) : [:]
        let body = route.readsBody ? try await object(request) : [:]
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

    private func object(_ request: Request) async throws -> JSONObject {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > edge.bodyLimit {
            throw Problem(.tooLarge)
        }
        if let type = request.headers[.contentType], !Self.isJSON(type) { throw Problem(.unsupportedMediaType) }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: edge.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw Problem(.tooLarge)
        } catch {
            // The client went away, or what it sent is no body: nobody may be there to read this.
            throw Problem(.malformedRequest, "The body ended early.", cause: error)
        }
        guard buffer.readableBytes > 0 else { return [:] }
        return try buffer.withUnsafeReadableBytes { bytes in
            try Self.object(bytes.bindMemory(to: UInt8.self))
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
        var object: JSONObject = [:]
        guard let query = uri.query else { return object }
        guard let pairs = QueryString.pairs(query) else { throw Problem(.invalidInput, "The query is not valid.") }
        for (name, value) in pairs { object[name] = .string(value) }
        return object
    }
}
