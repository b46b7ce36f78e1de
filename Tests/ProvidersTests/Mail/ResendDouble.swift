import Codecs
import NIOCore
import NIOHTTP1
import NIOPosix
import Threads

/// Resend's `POST /emails`, as its documentation has it: refuses all that it does not allow, and gives the same answer to the
/// same idempotency key. Sources: resend.com/docs/api-reference/emails/send-email, …/errors, …/idempotency-keys.
final class ResendDouble: Sendable {
    struct Call: Sendable {
        let key: String
        let body: JSONObject
    }

    static let secret = "re_test_0123456789abcdef"

    private struct State: Sendable {
        var calls: [Call] = []
        var answered: [String: (body: [UInt8], id: String)] = [:]
        var faults: [(Int, String, retryAfter: Int?)] = []
    }

    /// What came, shared with the connections.
    private final class Book: Sendable {
        let state = Locked(State())
    }

    private let book = Book()
    private let channel: any Channel

    var calls: [Call] { book.state.withLock { $0.calls } }
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    init() async throws {
        let book = book
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(book))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async throws { try await channel.close() }

    /// The next calls are answered so.
    func fail(_ faults: (Int, String, retryAfter: Int?)...) {
        book.state.withLock { $0.faults += faults }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let book: Book
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ book: Book) { self.book = book }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let buffer): body += buffer.readableBytesView
            case .end:
                guard let head else { return }
                answer(ResendDouble.judge(head, body, book), context)
            }
        }

        private func answer(_ verdict: Verdict, _ context: ChannelHandlerContext) {
            let bytes = JSON.object(verdict.body).encoded()
            var headers = HTTPHeaders([("content-type", "application/json"), ("content-length", "\(bytes.count)")])
            if let seconds = verdict.retryAfter { headers.add(name: "retry-after", value: "\(seconds)") }
            let status = HTTPResponseStatus(statusCode: verdict.status)
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private struct Verdict {
        let status: Int
        let body: JSONObject
        var retryAfter: Int?

        /// As long as none of Resend's is, and with what is nobody's business.
        private static let message =
            "ada@example.com is refused,\nwith \(secret); " + String(repeating: "and so on ", count: 50)

        static func refusal(_ status: Int, _ name: String, retryAfter: Int? = nil) -> Verdict {
            let body: JSONObject = ["statusCode": JSON(status), "name": .string(name), "message": .string(message)]
            return Verdict(status: status, body: body, retryAfter: retryAfter)
        }
    }

    private static func judge(_ head: HTTPRequestHead, _ bytes: [UInt8], _ book: Book) -> Verdict {
        guard head.method == .POST, head.uri == "/emails" else { return .refusal(404, "not_found") }
        guard head.headers["authorization"] == ["Bearer \(secret)"] else { return .refusal(401, "invalid_api_key") }
        guard head.headers["content-type"].first?.hasPrefix("application/json") == true,
            let body = try? JSON(parsing: bytes).object
        else { return .refusal(422, "validation_error") }
        guard let key = head.headers["idempotency-key"].first, (1...256).contains(key.count) else {
            return .refusal(400, "invalid_idempotency_key")
        }
        if let name = fault(in: body) { return .refusal(422, name) }
        return book.state.withLock { state in
            state.calls.append(Call(key: key, body: body))
            if !state.faults.isEmpty {
                let fault = state.faults.removeFirst()
                return .refusal(fault.0, fault.1, retryAfter: fault.retryAfter)
            }
            if let known = state.answered[key] {
                guard known.body == bytes else { return .refusal(409, "invalid_idempotent_request") }
                return Verdict(status: 200, body: ["id": .string(known.id)])
            }
            let id = "49a3999c-0ce1-4ea6-ab68-\(100_000_000_000 + state.answered.count)"
            state.answered[key] = (bytes, id)
            return Verdict(status: 200, body: ["id": .string(id)])
        }
    }

    /// The name of Resend's error, when the body is not one that it takes.
    private static func fault(in body: JSONObject) -> String? {
        let known: Set<String> = [
            "from", "to", "subject", "bcc", "cc", "reply_to", "html", "text", "headers", "scheduled_at", "attachments",
            "tags",
            "template", "topic_id",
        ]
        guard body.allSatisfy({ known.contains($0.key) }) else { return "validation_error" }
        guard let from = body["from"]?.string, from.contains("@"), !from.contains("\n") else {
            return "invalid_from_address"
        }
        guard case .array(let to)? = body["to"], (1...50).contains(to.count), to.allSatisfy({ $0.string != nil }) else {
            return "missing_required_field"
        }
        guard body["template"] == nil else {
            let template = body["template"]?.object
            let isWhole = template?["id"]?.string != nil
            return isWhole && body["html"] == nil && body["text"] == nil ? nil : "validation_error"
        }
        guard body["subject"]?.string != nil, body["html"]?.string != nil || body["text"]?.string != nil else {
            return "missing_required_field"
        }
        return nil
    }
}
