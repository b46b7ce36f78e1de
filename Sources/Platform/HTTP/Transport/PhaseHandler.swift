import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// What all connections of a server share.
struct ConnectionRules: Sendable {
    let limits: PhaseLimits
    let answers: EdgeAnswers
    let metrics: Metrics
    /// Set when the server ends: the next answer of each connection is its last.
    let ending: Flag
}

/// Sent through a connection that is to end: at once when it is idle, else after its answer.
struct CloseWhenIdle: Sendable {}

/// Sees the requests and answers of one HTTP/1.1 connection, or of one HTTP/2 stream, and keeps its deadlines; answers
/// itself what comes too slowly or is no HTTP; ends the connection after the last answer, so that the client gets it whole.
final class PhaseHandler: ChannelDuplexHandler, RemovableChannelHandler, Sweepable {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let rules: ConnectionRules
    private let sweep: Sweep?
    private let isStream: Bool
    private var clock: PhaseClock
    private var context: ChannelHandlerContext?
    private var path: String?
    private var isAnswerBegun = false
    /// The connection ends after the answer that is being written, or written next.
    private var isLastAnswer = false
    /// Requests that the client asked to be the last of the connection: their number, from 1.
    private var lastRequest: Int?
    private var requestsRead = 0
    private var answersWritten = 0
    /// A refusal that waits for the answers before it.
    private var waitingRefusal: (problem: Problem, path: String?)?
    /// The last answer has been given: what else comes or goes is dropped.
    private var isDone = false

    init(_ rules: ConnectionRules, sweep: Sweep?, isStream: Bool) {
        self.rules = rules
        self.sweep = sweep
        self.isStream = isStream
        clock = PhaseClock(rules.limits, now: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        sweep?.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        sweep?.remove(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        sweep?.remove(self)
        context.fireChannelInactive()
    }

    // MARK: - What comes

    func bytesArrived() {
        clock.bytesArrived(now: .now())
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            clock.headRead(now: .now())
            requestsRead += 1
            path = head.path
            if head.headerFields[.connection]?.lowercased() == "close" { lastRequest = requestsRead }
        case .body:
            break
        case .end:
            clock.bodyRead()
        }
        if !isDone { context.fireChannelRead(data) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The handler above would close an idle connection at once, on which a request may be under way.
        if event is ChannelShouldQuiesceEvent { return }
        if event is CloseWhenIdle, clock.isIdle { return context.close(promise: nil) }
        if isDone, case NIOCore.ChannelEvent.inputClosed = event { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// What the parser could not read is answered here, since nothing above would know whose answer it is.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: refuse(Problem(.headTooLarge, cause: error), path: nil)
        // What comes after a request that was to be the last is not read; the answers before it are still owed.
        case HTTPParserError.closedConnection: break
        case HTTPParserError.invalidEOFState: context.close(promise: nil)
        case is HTTPParserError: refuse(Problem(.malformedRequest, cause: error), path: nil)
        default: context.fireErrorCaught(error)
        }
    }

    // MARK: - What goes

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isDone else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.kind != .informational else { return context.write(data, promise: promise) }
            isAnswerBegun = true
            isLastAnswer = isLastAnswer || isLast
            if isLastAnswer, !isStream { head.headerFields[.connection] = "close" }
            if head.headerFields[.requestID] == nil { rules.answers.complete(&head, requestID: RequestID.from(nil)) }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            writeEnd(context, data, promise)
        }
    }

    /// A server that ends, a client that asked for it, a body that nobody will read: this answer is the connection's last.
    private var isLast: Bool {
        rules.ending.isSet || answersWritten + 1 == lastRequest || clock.isReadingBody
    }

    private func writeEnd(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        isAnswerBegun = false
        answersWritten += 1
        clock.answered(now: .now())
        if isLastAnswer {
            end(context, with: data, promise)
        } else if let refusal = waitingRefusal, clock.inFlight == 0 {
            context.write(data, promise: promise)
            refuse(refusal.problem, path: refusal.path)
        } else {
            context.write(data, promise: promise)
        }
    }

    /// Writes the last part and ends the connection. Closing with bytes unread would reset it, and the client could lose the
    /// answer: then only our half is closed, and the rest of what it sends is read for a moment.
    private func end(_ context: ChannelHandlerContext, with data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        isDone = true
        let written = promise ?? context.eventLoop.makePromise()
        let hasMore = clock.isReadingBody || waitingRefusal != nil
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            // A stream of HTTP/2 ends by itself when both sides have sent all.
            if handler.isStream, !hasMore { return }
            guard hasMore, !handler.isStream else { return context.close(promise: nil) }
            handler.clock.lingers(now: .now())
            context.close(mode: .output, promise: nil)
        }
        context.writeAndFlush(data, promise: written)
    }

    // MARK: - Refusals of our own

    /// Answers in place of the pipeline and ends the connection: after the answers that are still owed.
    func refuse(_ problem: Problem, path: String?) {
        guard let context, !isDone else { return }
        guard clock.inFlight == 0 || isOwedToCurrent(problem) else {
            waitingRefusal = (problem, path)
            return
        }
        rules.metrics.count("leansaas_http_edge_refusals_total", ["code": problem.kind.code])
        var (head, body) = rules.answers.answer(problem, path: path)
        if !isStream { head.headerFields[.connection] = "close" }
        waitingRefusal = (problem, path)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        end(context, with: wrapOutboundOut(.end(nil)), nil)
    }

    /// Too slow a body or verb, and a body that is no HTTP: the refusal is the current request's own answer.
    private func isOwedToCurrent(_ problem: Problem) -> Bool {
        let isOfTheBody = clock.isReadingBody || problem.kind == .requestTimeout || problem.kind == .timeout
        return clock.inFlight == 1 && !isAnswerBegun && isOfTheBody
    }

    func sweep(now: NIODeadline) {
        guard let expiry = clock.expired(now: now), let context else { return }
        switch expiry {
        case .idle, .linger:
            context.close(promise: nil)
        case .head:
            refuse(Problem(.requestTimeout), path: nil)
        case .body, .request:
            guard !isDone, !isAnswerBegun, clock.inFlight == 1 else { return context.close(promise: nil) }
            refuse(Problem(expiry == .body ? .requestTimeout : .timeout), path: path)
        }
    }
}
