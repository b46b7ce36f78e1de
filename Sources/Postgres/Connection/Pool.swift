import CLibPQ
import Threads

/// Few connections for many callers, on the reactor's thread: taking a connection, sending, reading and handing it to
/// the next caller happen there without a further hop.
actor Pool {
    nonisolated let reactor: Reactor
    nonisolated let settings: DatabaseSettings
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    /// More connections than this are opened only for callers that have waited `patience`: few serve reads best, and
    /// slow transactions need the rest.
    private let eagerConnections: Int
    private let lanes: Lanes
    private let patience: Duration = .milliseconds(5)
    /// Connecting, cancelling and closing block; they have threads of their own.
    private let blocking = BlockingPool(name: "lean-connect", threads: 4, queueLimit: 1_024)

    private var connections: [Int: Connection] = [:]
    private var idle: [Connection] = []
    private var running: [Int: Running] = [:]
    private var leased: Set<Int> = []
    private var queue = WaitQueue()
    private var connecting = 0
    private var nextConnection = 0
    private var nextCheck = ContinuousClock.now
    private var backoff = Backoff()
    private var isTicking = false
    private var isClosed = false
    private var figures = PoolMetrics()

    /// Who waits for an answer.
    private struct Ticketed {
        let number: Int
        let continuation: CheckedContinuation<Reply, any Error>
    }

    /// Work on its way, and who waits for it.
    private struct Running {
        let ticket: Int
        let continuation: CheckedContinuation<Reply, any Error>
        let started: ContinuousClock.Instant
        let deadline: ContinuousClock.Instant
    }

    init(settings: DatabaseSettings) {
        self.settings = settings
        reactor = Reactor(name: "lean-postgres")
        eagerConnections = min(settings.maximumConnections, 6)
        lanes = Lanes(settings)
    }

    deinit {
        // Not before: whoever still refers to the pool may yet hop to its thread, if only to be told that it is closed.
        reactor.stop()
    }

    // MARK: - One batch

    /// Sends the batch on a free connection, or waits for one.
    nonisolated func run(_ batch: Batch) async throws -> [ResultSet] {
        let ticket = Ticket.next()
        return try await withTaskCancellationHandler {
            try await enqueue(batch, ticket: ticket).results
        } onCancel: {
            cancel(ticket)
        }
    }

    private func enqueue(_ batch: Batch, ticket: Int) async throws -> Reply {
        try Task.checkCancellation()
        startTicking()
        return try await withCheckedThrowingContinuation { continuation in
            wait(Waiter(ticket: ticket, since: .now, wish: .batch(batch, continuation)))
        }
    }

    // MARK: - Leases

    /// A connection for one caller's interactive transaction, until `release`.
    nonisolated func lease() async throws -> Int {
        let ticket = Ticket.next()
        return try await withTaskCancellationHandler {
            try await enqueueLease(ticket)
        } onCancel: {
            cancel(ticket)
        }
    }

    private func enqueueLease(_ ticket: Int) async throws -> Int {
        try Task.checkCancellation()
        startTicking()
        return try await withCheckedThrowingContinuation { continuation in
            wait(Waiter(ticket: ticket, since: .now, wish: .lease(continuation)))
        }
    }

    /// Runs a batch on a leased connection. `shielded` batches (the end of a transaction) ignore cancellation.
    nonisolated func run(_ batch: Batch, on lease: Int, shielded: Bool = false) async throws -> [ResultSet] {
        try await perform(.batch(batch), on: lease, within: settings.statementTimeout, shielded: shielded).results
    }

    /// Does work on a leased connection. The server stops a statement first; the deadline is for a server that no longer
    /// answers.
    nonisolated func perform(
        _ work: Work, on lease: Int, within limit: Duration, shielded: Bool = false
    ) async throws -> Reply {
        let ticket = Ticket.next()
        guard !shielded else { return try await start(work, on: lease, ticket: ticket, within: limit) }
        return try await withTaskCancellationHandler {
            try await start(work, on: lease, ticket: ticket, within: limit)
        } onCancel: {
            cancel(ticket)
        }
    }

    private func start(_ work: Work, on lease: Int, ticket: Int, within limit: Duration) async throws -> Reply {
        guard let connection = connections[lease], leased.contains(lease) else {
            throw DatabaseError.connectionLost("the transaction's connection is gone")
        }
        precondition(!connection.isBusy, "a transaction runs one statement at a time")
        return try await withCheckedThrowingContinuation { continuation in
            send(work, on: connection, within: limit, Ticketed(number: ticket, continuation: continuation))
        }
    }

    /// Gives the connection back; `broken` closes it, since its transaction's state is not known.
    func release(_ lease: Int, broken: Bool) {
        guard leased.remove(lease) != nil, let connection = connections[lease] else { return }
        if broken {
            drop(connection, cancelling: false)
        } else {
            hand(connection)
        }
    }

    // MARK: - Waiting

    private func wait(_ waiter: Waiter) {
        guard !isClosed else { return waiter.fail(DatabaseError.unavailable("the database is closed")) }
        guard queue.count < settings.queueLimit else {
            figures.refusals += 1
            return waiter.fail(DatabaseError.unavailable("too many requests wait for a connection"))
        }
        queue.append(waiter)
        serveIdle()
        grow()
    }

    /// Idle connections take who waits, so long as there are lanes.
    private func serveIdle() {
        while !idle.isEmpty, let first = queue.first, mayStart(first), let connection = idle.popLast() {
            guard let waiter = queue.popFirst() else { return }
            serve(waiter, with: connection)
        }
    }

    /// Whoever interacts holds a connection for as long as it takes, and is in nobody's lane.
    private func mayStart(_ waiter: Waiter) -> Bool {
        guard case .batch = waiter.wish, running.count >= lanes.limit else { return true }
        let recent = ContinuousClock.now - Lanes.slow
        let quick = running.reduce(0) { $0 + ($1.value.started > recent && !leased.contains($1.key) ? 1 : 0) }
        return quick < lanes.limit
    }

    private func serve(_ waiter: Waiter, with connection: Connection) {
        figures.waitTimes.record((ContinuousClock.now - waiter.since).inSeconds)
        switch waiter.wish {
        case .batch(let batch, let continuation):
            send(
                .batch(batch), on: connection, within: settings.statementTimeout,
                Ticketed(number: waiter.ticket, continuation: continuation))
        case .lease(let continuation):
            leased.insert(connection.id)
            continuation.resume(returning: connection.id)
        }
    }

    /// The connection is free: the next in the queue takes it.
    private func hand(_ connection: Connection) {
        guard !connection.isUnfit else { return replace(connection) }
        idle.append(connection)
        serveIdle()
    }

    /// Its server takes no more writes or is about to end, and so, for all that is known, do the idle ones'.
    private func replace(_ connection: Connection) {
        figures.connectionsLost += 1
        drop(connection, cancelling: false)
        for other in idle { drop(other, cancelling: false) }
    }

    private func send(_ work: Work, on connection: Connection, within limit: Duration, _ caller: Ticketed) {
        let now = ContinuousClock.now
        figures.batches += 1
        running[connection.id] = Running(
            ticket: caller.number, continuation: caller.continuation, started: now,
            deadline: now + limit + .seconds(2))
        connection.start(work)
        updateInterest(connection)
    }

    private func finished(_ id: Int, _ outcome: Outcome) {
        guard let connection = connections[id], let work = running.removeValue(forKey: id) else { return }
        figures.batchTimes.record((ContinuousClock.now - work.started).inSeconds)
        switch outcome {
        case .success(let reply):
            work.continuation.resume(returning: reply)
        case .failure(let error):
            figures.failures += 1
            work.continuation.resume(throwing: error)
        case .lost(let message):
            drop(connection, cancelling: false)
            figures.connectionsLost += 1
            work.continuation.resume(throwing: DatabaseError.connectionLost(message))
            return
        }
        if !leased.contains(connection.id) { hand(connection) }
    }

    // MARK: - Giving up

    nonisolated private func cancel(_ ticket: Int) {
        reactor.perform { self.assumeIsolated { $0.giveUp(ticket, CancellationError()) } }
    }

    /// Fails whoever holds the ticket. A statement that runs is stopped on the server, and its connection replaced.
    private func giveUp(_ ticket: Int, _ error: any Error) {
        if let waiter = queue.remove(ticket) { return waiter.fail(error) }
        guard let (id, work) = running.first(where: { $0.value.ticket == ticket }) else { return }
        running[id] = nil
        if let connection = connections[id] { drop(connection, cancelling: true) }
        work.continuation.resume(throwing: error)
    }

    private func startTicking() {
        guard !isTicking else { return }
        isTicking = true
        reactor.onTick { [weak self] in self?.assumeIsolated { $0.checkDeadlines() } }
    }

    /// Looks at all deadlines, at most every 20 ms. Gives back how long the reactor may sleep.
    private func checkDeadlines() -> Duration? {
        let now = ContinuousClock.now
        // Whoever waits for a lane gets one as soon as a batch turns out to be slow.
        let isWaiting = !queue.isEmpty && !idle.isEmpty
        if isWaiting { serveIdle() }
        let pause: Duration =
            isWaiting ? Lanes.slow : running.isEmpty && queue.isEmpty ? .seconds(1) : .milliseconds(20)
        guard now >= nextCheck else { return min(pause, nextCheck - now) }
        nextCheck = now + .milliseconds(20)
        for work in running.values where work.deadline < now {
            figures.timeouts += 1
            giveUp(work.ticket, DatabaseError.timeout)
        }
        while let waiter = queue.first, waiter.since + settings.connectionTimeout < now {
            figures.timeouts += 1
            giveUp(waiter.ticket, DatabaseError.unavailable(backoff.lastFailure ?? "all connections are busy"))
        }
        grow()
        closeIdle(now)
        return connections.isEmpty && queue.isEmpty ? nil : pause
    }

    // MARK: - Opening and closing

    private func grow() {
        guard !isClosed, idle.isEmpty, let first = queue.first, connecting < queue.count, mayStart(first) else {
            return
        }
        let total = connections.count + connecting
        guard total < settings.maximumConnections else { return }
        let now = ContinuousClock.now
        guard total < eagerConnections || first.since + patience < now, backoff.allows(now) else { return }
        connecting += 1
        Task { await connect() }
        grow()
    }

    private func connect() async {
        do {
            let settings = settings
            let link = try await blocking.run { try Link.open(settings, pipelined: true) }
            connecting -= 1
            adopt(link)
        } catch {
            connecting -= 1
            figures.connectionFailures += 1
            backoff.failed(at: .now, message: Self.message(of: error))
        }
    }

    private func adopt(_ link: Link) {
        guard !isClosed else { return close(link, cancelling: false) }
        backoff.succeeded()
        figures.connectionsMade += 1
        nextConnection += 1
        let connection = Connection(id: nextConnection, link: link, settings: settings)
        connections[connection.id] = connection
        let id = connection.id
        connection.onOutcome = { [weak self] outcome in self?.assumeIsolated { $0.finished(id, outcome) } }
        reactor.watch(connection.socket, for: .readable) { [weak self] readiness in
            self?.assumeIsolated { $0.ready(id, readiness) }
        }
        hand(connection)
    }

    private func ready(_ id: Int, _ readiness: Readiness) {
        guard let connection = connections[id] else { return }
        let isAlive = connection.handle(readiness)
        guard connections[connection.id] != nil else { return }
        guard isAlive else {
            figures.connectionsLost += 1
            return drop(connection, cancelling: false)
        }
        updateInterest(connection)
    }

    private func updateInterest(_ connection: Connection) {
        guard connections[connection.id] != nil else { return }
        var interest: Readiness = connection.wantsToRead ? .readable : []
        if connection.wantsToWrite { interest.insert(.writable) }
        reactor.setInterest(connection.socket, interest)
    }

    private func drop(_ connection: Connection, cancelling: Bool) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        leased.remove(connection.id)
        idle.removeAll { $0 === connection }
        reactor.forget(connection.socket)
        close(connection.link, cancelling: cancelling)
        grow()
    }

    private func close(_ link: Link, cancelling: Bool) {
        Task {
            do {
                try await blocking.run { cancelling ? link.cancelAndClose() : PQfinish(link.connection) }
            } catch {
                // The closing threads are overrun: closing here blocks for a moment, but leaks nothing.
                PQfinish(link.connection)
            }
        }
    }

    private func closeIdle(_ now: ContinuousClock.Instant) {
        while let oldest = idle.first, oldest.lastUse + settings.idleTimeout < now {
            drop(oldest, cancelling: false)
        }
    }

    /// Fails what waits, closes what is idle. What runs is cancelled.
    func close() {
        isClosed = true
        while let waiter = queue.popFirst() { waiter.fail(DatabaseError.unavailable("the database is closed")) }
        for work in running.values { giveUp(work.ticket, DatabaseError.unavailable("the database is closed")) }
        for connection in connections.values { drop(connection, cancelling: false) }
    }

    func metrics() -> PoolMetrics {
        var snapshot = figures
        snapshot.maximum = settings.maximumConnections
        snapshot.open = connections.count
        snapshot.busy = connections.count - idle.count
        snapshot.connecting = connecting
        snapshot.waiting = queue.count
        return snapshot
    }

    private static func message(of error: any Error) -> String {
        if case DatabaseError.unavailable(let message) = error { return message }
        return "\(error)"
    }
}
