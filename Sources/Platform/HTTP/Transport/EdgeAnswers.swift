import HTTPTypes
import NIOCore

/// Answers that are made below the pipeline, where there is no request yet, or no longer: with the guide's headers and the
/// surface's shape as any other.
struct EdgeAnswers: Sendable {
    let security: SecurityHeaders
    let clock: WallClock
    let house: House
    /// The methods that an address takes; none for an address that nobody has.
    let methods: @Sendable (_ path: String) -> [HTTPRequest.Method]

    func answer(_ problem: Problem, path: String?) -> (head: HTTPResponse, body: ByteBuffer) {
        let id = RequestID.from(nil)
        let surface = Surface(path: path ?? "/")
        let answer = problem.answer(on: surface, requestID: id, at: clock.now(), headers: [:], in: house)
        var head = HTTPResponse(status: .init(code: answer.status))
        complete(&head, requestID: id)
        for (name, value) in answer.headers { head.headerFields.append(HTTPField(name: name, value: value)) }
        if problem.kind == .methodNotAllowed {
            let allowed = methods(String((path ?? "/").prefix { $0 != "?" }))
            head.headerFields[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        }
        head.headerFields[.cacheControl] = "no-store"
        guard let bytes = answer.body.bytes, let type = answer.body.type else { return (head, ByteBuffer()) }
        head.headerFields[.contentType] = type
        head.headerFields[.contentLength] = String(bytes.count)
        return (head, ByteBuffer(bytes: bytes))
    }

    /// The headers that every answer has.
    func complete(_ head: inout HTTPResponse, requestID: String) {
        head.headerFields[.requestID] = requestID
        head.headerFields[.date] = HTTPDate.now
        for (name, value) in security.fields { head.headerFields[name] = value }
    }
}

extension ProblemKind {
    static let malformedRequest = ProblemKind("MALFORMED_REQUEST", 400, "The request is not well-formed HTTP.")
    static let requestTimeout = ProblemKind("REQUEST_TIMEOUT", 408, "The request came too slowly.")
    static let expectationFailed = ProblemKind("EXPECTATION_FAILED", 417, "The only expectation met is 100-continue.")
    static let headTooLarge = ProblemKind("HEADERS_TOO_LARGE", 431, "The request's address and headers are too large.")

    /// What any address can be answered with before a route is looked for.
    static let edge: [ProblemKind] = [
        .malformedRequest, .requestTimeout, .expectationFailed, .headTooLarge, .methodNotAllowed, .timeout,
    ]
}
