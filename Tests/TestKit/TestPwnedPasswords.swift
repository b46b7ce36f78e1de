import Codecs
import Crypto
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import Threads

/// Have I Been Pwned's range of passwords, as its documentation has it: five hexadecimal digits and a User-Agent or a refusal, and
/// a text of suffixes and counts. Source: haveibeenpwned.com/API/v3, Pwned Passwords.
package final class TestPwnedPasswords: Sendable {
    /// What the next questions get in place of an answer.
    package enum Fault: Sendable {
        case status(Int)
        case text(String)
        case silence
    }

    private struct State: Sendable {
        var leaked: Set<String>
        var prefixes: [String] = []
        var faults: [Fault] = []
    }

    /// What is known and what came, shared with the connections.
    private final class Book: Sendable {
        let state: Locked<State>
        init(_ leaked: [String]) {
            let digests = leaked.map { Hex.encode(Array(Insecure.SHA1.hash(data: Array($0.utf8)))).uppercased() }
            state = Locked(State(leaked: Set(digests)))
        }
    }

    private let book: Book
    private let channel: any Channel

    /// What was asked with, in order.
    package var prefixes: [String] { book.state.withLock { $0.prefixes } }
    package var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    package init(leaked: [String]) async throws {
        let book = Book(leaked)
        self.book = book
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(book))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    package func close() async throws { try await channel.close() }

    package func fail(_ faults: Fault...) { book.state.withLock { $0.faults += faults } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let book: Book
        private var head: HTTPRequestHead?

        init(_ book: Book) { self.book = book }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head, let (status, text) = TestPwnedPasswords.verdict(on: head, book) else { return }
                let headers = HTTPHeaders([("content-type", "text/plain"), ("content-length", "\(text.utf8.count)")])
                let answer = HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
                context.write(wrapOutboundOut(.head(answer)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    /// Nil: no answer at all.
    private static func verdict(on head: HTTPRequestHead, _ book: Book) -> (Int, String)? {
        guard head.method == .GET, head.uri.hasPrefix("/range/") else { return (404, "") }
        guard head.headers["user-agent"].first?.isEmpty == false else { return (403, "no user agent") }
        let prefix = String(head.uri.dropFirst("/range/".count))
        guard prefix.utf8.count == 5, prefix.utf8.allSatisfy({ Hex.decode("0" + String(UnicodeScalar($0))) != nil })
        else { return (400, "The hash prefix was not in a valid format") }
        return book.state.withLock { state in
            state.prefixes.append(prefix)
            if !state.faults.isEmpty {
                switch state.faults.removeFirst() {
                case .status(let status): return (status, "")
                case .text(let text): return (200, text)
                case .silence: return nil
                }
            }
            let isPadded = head.headers["add-padding"].first == "true"
            return (200, lines(after: prefix.uppercased(), state.leaked, isPadded: isPadded).joined(separator: "\r\n"))
        }
    }

    /// Some hundred of other passwords stand in every range; padding brings them to 800 or more, with counts of 0.
    private static func lines(after prefix: String, _ leaked: Set<String>, isPadded: Bool) -> [String] {
        var counts: [String: Int] = [:]
        for number in 0..<400 { counts[suffix(of: "other \(prefix) \(number)")] = number + 1 }
        if isPadded {
            for number in 0..<450 { counts[suffix(of: "padding \(prefix) \(number)")] = 0 }
        }
        for digest in leaked where digest.hasPrefix(prefix) { counts[String(digest.dropFirst(5))] = 52_579 }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
    }

    private static func suffix(of text: String) -> String {
        String(Hex.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8)))).uppercased().dropFirst(5))
    }
}

extension TestPwnedPasswords.Fault: CustomTestStringConvertible {
    package var testDescription: String {
        switch self {
        case .status(let code): "\(code)"
        case .text(let text): "\(text.utf8.count) bytes: \(text.prefix(40))"
        case .silence: "silence"
        }
    }
}
