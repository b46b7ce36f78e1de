import NIOCore

/// How long a connection may stand in each phase of a request.
package struct PhaseLimits: Sendable {
    /// From the first byte of a request's head to its last (HTTP_HEADER_TIMEOUT).
    package var head: Duration
    /// From the end of the head to the end of the body (HTTP_BODY_TIMEOUT).
    package var body: Duration
    /// From the end of the head to the last byte of the answer (HTTP_REQUEST_TIMEOUT).
    package var request: Duration
    /// Between two requests (HTTP_IDLE_TIMEOUT).
    package var idle: Duration
    /// How long what a client still sends after a final answer is read and thrown away, so that the answer reaches it.
    package var linger: Duration

    package init(
        head: Duration = .seconds(10), body: Duration = .seconds(30), request: Duration = .seconds(60),
        idle: Duration = .seconds(60), linger: Duration = .seconds(2)
    ) {
        self.head = head
        self.body = body
        self.request = request
        self.idle = idle
        self.linger = linger
    }
}

/// Where a connection stands with its requests, and what has taken too long.
///
/// Each part of a body resets a timer of idleness, so a client that sends a byte a second is never idle: here every phase has
/// an end of its own. A rule without I/O: the handler tells it what happens, the sweep asks it what has run out.
struct PhaseClock {
    enum Expiry: Equatable {
        case idle, head, body, request, linger
    }

    private let limits: PhaseLimits
    private var idleUntil: NIODeadline
    private var headUntil: NIODeadline?
    private var bodyUntil: NIODeadline?
    private var requestUntil: NIODeadline?
    private var lingerUntil: NIODeadline?
    /// Requests whose head has been read and whose answer has not been written whole.
    private(set) var inFlight = 0

    init(_ limits: PhaseLimits, now: NIODeadline) {
        self.limits = limits
        idleUntil = now + TimeAmount(limits.idle)
    }

    /// Whether a body is still to come, or coming.
    var isReadingBody: Bool { bodyUntil != nil }
    /// Between two requests, and no byte of the next has come.
    var isIdle: Bool { inFlight == 0 && headUntil == nil && !isReadingBody }

    /// Bytes have come: outside of a body they begin a head.
    mutating func bytesArrived(now: NIODeadline) {
        guard isIdle else { return }
        headUntil = now + TimeAmount(limits.head)
    }

    mutating func headRead(now: NIODeadline) {
        headUntil = nil
        inFlight += 1
        bodyUntil = now + TimeAmount(limits.body)
        if inFlight == 1 { requestUntil = now + TimeAmount(limits.request) }
    }

    mutating func bodyRead() {
        bodyUntil = nil
    }

    mutating func answered(now: NIODeadline) {
        inFlight -= 1
        requestUntil = inFlight > 0 ? now + TimeAmount(limits.request) : nil
        idleUntil = now + TimeAmount(limits.idle)
    }

    /// The last answer has been written; what still comes is thrown away.
    mutating func lingers(now: NIODeadline) {
        lingerUntil = now + TimeAmount(limits.linger)
    }

    func expired(now: NIODeadline) -> Expiry? {
        if let lingerUntil { return lingerUntil <= now ? .linger : nil }
        if let bodyUntil, bodyUntil <= now { return .body }
        if let requestUntil, requestUntil <= now { return .request }
        if let headUntil { return headUntil <= now ? .head : nil }
        return isIdle && idleUntil <= now ? .idle : nil
    }
}
