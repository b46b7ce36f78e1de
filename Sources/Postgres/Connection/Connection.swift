import CLibPQ

/// A PostgreSQL connection, in pipeline mode but for a COPY. It belongs to the reactor's thread and does one work at a
/// time.
final class Connection {
    /// What the server is yet to answer, in order.
    private enum Expected {
        case prepare(StatementCache.Key, name: String)
        /// `first`: the statement, when its columns are not known yet.
        case execute(isBinary: Bool, first: StatementCache.Key?)
        case housekeeping
        case sync
    }

    let id: Int
    let link: Link
    let socket: Int32
    var lastUse: ContinuousClock.Instant
    /// Called when the batch is answered. May start the next.
    var onOutcome: (Outcome) -> Void = { _ in }
    /// Called for each NOTIFY that arrives.
    var onNotification: (_ channel: String, _ payload: String) -> Void = { _, _ in }

    private(set) var isBusy = false
    private(set) var wantsToWrite = false
    private var expected: [Expected] = []
    private var answered = 0
    private var results: [ResultSet] = []
    private var failure: DatabaseError?
    private var cache: StatementCache
    private var evicted: [String] = []
    private var copying: Copying?
    /// Whether statements are prepared under names: not behind a pooler that gives each transaction another server.
    private let keepsStatements: Bool
    /// The server behind it takes no more writes, or is about to end: nobody should be given the connection.
    private(set) var isUnfit = false

    init(id: Int, link: Link, settings: DatabaseSettings) {
        self.id = id
        self.link = link
        keepsStatements = settings.pooler == .none
        socket = PQsocket(link.connection)
        cache = StatementCache(limit: settings.statementLimit)
        lastUse = .now
    }

    // MARK: - Sending

    /// Begins the work. The outcome comes through `onOutcome`, at once when it cannot be sent.
    func start(_ work: Work) {
        precondition(!isBusy, "one work at a time")
        isBusy = true
        switch work {
        case .batch(let batch): start(batch)
        case .copy(let step): start(step)
        }
    }

    private func start(_ batch: Batch) {
        precondition(copying == nil, "a COPY is ended before the next statement")
        expected.removeAll(keepingCapacity: true)
        answered = 0
        results = []
        failure = nil
        guard deallocateEvicted(), batch.statements.allSatisfy({ send($0, role: batch.role) }),
            PQpipelineSync(link.connection) == 1
        else { return finish(.lost(Link.sentence(PQerrorMessage(link.connection)))) }
        expected.append(.sync)
        flush()
    }

    private func start(_ step: CopyStep) {
        let isSent: Bool
        if copying != nil {
            isSent = copying?.start(step) ?? false
        } else {
            copying = Copying(link.connection, beginningWith: step)
            isSent = copying != nil
        }
        guard isSent else { return finish(.lost(Link.sentence(PQerrorMessage(link.connection)))) }
        proceed()
    }

    private func proceed() {
        guard isBusy, let outcome = copying?.proceed() else {
            wantsToWrite = copying?.wantsToWrite ?? false
            return
        }
        wantsToWrite = false
        if copying?.isOver == true { copying = nil }
        if case .failure(.server(let error)) = outcome { judge(error) }
        finish(outcome)
    }

    /// False between two steps of a COPY: what the server sends then waits in the socket, and so does the server.
    var wantsToRead: Bool { copying == nil || isBusy }

    /// Drops all prepared statements, since a migration made one of them useless.
    func forgetStatements() {
        evicted += cache.removeAll()
    }

    private func send(_ statement: RenderedSQL, role: String) -> Bool {
        guard keepsStatements else { return sendUnnamed(statement) }
        let key = StatementCache.Key(role: role, statement: statement.shape)
        if let known = cache.use(key) {
            expected.append(.execute(isBinary: known.isBinary, first: nil))
            return execute(known.name, statement.parameters, isBinary: known.isBinary)
        }
        let name = cache.newName()
        guard PQsendPrepare(link.connection, name, statement.text, 0, nil) == 1 else { return false }
        expected.append(.prepare(key, name: name))
        expected.append(.execute(isBinary: false, first: key))
        return execute(name, statement.parameters, isBinary: false)
    }

    private func execute(_ name: String, _ parameters: [Parameter], isBinary: Bool) -> Bool {
        withParameters(parameters) { bound in
            PQsendQueryPrepared(
                link.connection, name, Int32(parameters.count), bound.values, bound.lengths, bound.formats,
                isBinary ? 1 : 0) == 1
        }
    }

    private func sendUnnamed(_ statement: RenderedSQL) -> Bool {
        expected.append(.execute(isBinary: false, first: nil))
        return withParameters(statement.parameters) { bound in
            PQsendQueryParams(
                link.connection, statement.text, Int32(statement.parameters.count), nil, bound.values, bound.lengths,
                bound.formats, 0) == 1
        }
    }

    private func deallocateEvicted() -> Bool {
        for name in evicted {
            guard PQsendQueryParams(link.connection, "deallocate \(name)", 0, nil, nil, nil, nil, 0) == 1 else {
                return false
            }
            expected.append(.housekeeping)
        }
        evicted.removeAll()
        return true
    }

    private func flush() {
        let status = PQflush(link.connection)
        wantsToWrite = status == 1
        if status < 0 { finish(.lost(Link.sentence(PQerrorMessage(link.connection)))) }
    }

    // MARK: - Receiving

    /// The socket is ready. False when the connection is gone and nobody was waiting for an outcome.
    func handle(_ readiness: Readiness) -> Bool {
        if readiness.contains(.readable) {
            guard PQconsumeInput(link.connection) == 1 else { return lose() }
            drainNotifications()
            if copying != nil { proceed() } else if isBusy { readResults() }
            guard PQstatus(link.connection) == CONNECTION_OK else { return lose() }
        }
        if wantsToWrite {
            if copying != nil { proceed() } else { flush() }
        }
        return true
    }

    private func lose() -> Bool {
        guard isBusy else { return false }
        // What the server said before it went away explains more than "the connection was closed".
        if copying == nil { readResults() }
        if isBusy { finish(.lost(Link.sentence(PQerrorMessage(link.connection)))) }
        return true
    }

    private func drainNotifications() {
        while let notification = PQnotifies(link.connection) {
            onNotification(String(cString: notification.pointee.relname), String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
    }

    private func readResults() {
        var nulls = 0
        while isBusy, nulls < 2, PQisBusy(link.connection) == 0 {
            guard let result = PQgetResult(link.connection) else {
                nulls += 1
                continue
            }
            nulls = 0
            receive(result)
        }
    }

    private func receive(_ result: OpaquePointer) {
        let step = answered < expected.count ? expected[answered] : .sync
        answered += 1
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK:
            keep(result, for: step)
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            keep(result, for: step)
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            finish(failure.map(Outcome.failure) ?? .success(Reply(results: results)))
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
        default:
            note(ServerError(result: result))
            PQclear(result)
        }
    }

    private func keep(_ result: OpaquePointer, for step: Expected) {
        switch step {
        case .prepare(let key, let name):
            if let name = cache.insert(key, name: name) { evicted.append(name) }
            PQclear(result)
        case .execute(let isBinary, let first):
            let rows = ResultSet(taking: result, isBinary: isBinary)
            if let first, rows.mayBeBinary { cache.setBinary(first) }
            results.append(rows)
        case .housekeeping, .sync:
            PQclear(result)
        }
    }

    private func note(_ error: ServerError) {
        if error.isStalePlan { forgetStatements() }
        judge(error)
        if failure == nil { failure = .server(error) }
    }

    private func judge(_ error: ServerError) {
        if error.state == .adminShutdown || error.state == .crashShutdown { isUnfit = true }
        if error.state == .readOnlyTransaction, !isKnownToTakeWrites { isUnfit = true }
    }

    /// A read-only transaction of our own making says nothing about the server. PostgreSQL 14 and later report both; a
    /// pooler may keep them to itself, and then the connection is not to be trusted.
    private var isKnownToTakeWrites: Bool {
        let names: [String] = ["in_hot_standby", "default_transaction_read_only"]
        return names.allSatisfy { name in
            PQparameterStatus(link.connection, name).map { String(cString: $0) } == "off"
        }
    }

    private func finish(_ outcome: Outcome) {
        isBusy = false
        lastUse = .now
        let outcome = isGone ? .lost(lossMessage(outcome)) : outcome
        results = []
        onOutcome(outcome)
    }

    private var isGone: Bool { PQstatus(link.connection) != CONNECTION_OK }

    private func lossMessage(_ outcome: Outcome) -> String {
        if case .failure(.server(let error)) = outcome { return error.message }
        if case .lost(let message) = outcome { return message }
        return Link.sentence(PQerrorMessage(link.connection))
    }
}
