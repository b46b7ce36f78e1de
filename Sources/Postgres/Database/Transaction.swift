/// Several statements on one connection that take effect together.
///
/// `begin`, the preamble and the first statement share a round trip; each further statement and the commit cost one.
public actor Transaction {
    private let database: Database
    private let lease: Int
    private let opening: SQL
    private var hasBegun = false
    private var hasFailed = false
    /// In the middle of a COPY that was given up: the connection can only be closed.
    private var isBroken = false
    private var afterCommit: [@Sendable () -> Void] = []

    init(database: Database, lease: Int, isolation: Isolation) {
        self.database = database
        self.lease = lease
        opening = isolation.opening
    }

    public enum Isolation: Sendable {
        case readCommitted, repeatableRead, serializable

        var opening: SQL {
            switch self {
            case .readCommitted: "begin"
            case .repeatableRead: "begin isolation level repeatable read"
            case .serializable: "begin isolation level serializable"
            }
        }
    }

    public func all<Value: Sendable>(_ sql: SQL, _ make: @Sendable (Row) throws -> Value) async throws -> [Value] {
        try await result(of: sql).map(make)
    }

    public func first<Value: Sendable>(_ sql: SQL, _ make: @Sendable (Row) throws -> Value) async throws -> Value? {
        let result = try await result(of: sql)
        return result.count == 0 ? nil : try make(result[0])
    }

    public func one<Value: Sendable>(_ sql: SQL, _ make: @Sendable (Row) throws -> Value) async throws -> Value {
        guard let value = try await first(sql, make) else { throw DatabaseError.noRow }
        return value
    }

    @discardableResult
    public func run(_ sql: SQL) async throws -> Int {
        try await result(of: sql).affected
    }

    private func result(of sql: SQL) async throws -> ResultSet {
        guard !hasFailed else { throw DatabaseError.connectionLost("the transaction has already failed") }
        var statements = [try database.render(sql)]
        if !hasBegun {
            statements = try ([opening] + database.opening).map(database.render) + statements
            hasBegun = true
        }
        // PostgreSQL would refuse all that follows a failure anyway; saying so here saves the round trip.
        hasFailed = true
        let batch = Batch(statements: statements, role: database.role, isWholeTransaction: false)
        guard let result = try await database.pool.run(batch, on: lease).last else { throw DatabaseError.noRow }
        hasFailed = false
        for statement in statements { afterCommit += statement.afterCommit }
        return result
    }

    func commit() async throws {
        guard !hasFailed else { throw DatabaseError.connectionLost("a statement of the transaction failed") }
        if hasBegun { try await end("commit") }
        for action in afterCommit { action() }
        afterCommit = []
    }

    func rollback() async throws {
        guard !isBroken else { throw DatabaseError.connectionLost("a COPY was given up") }
        if hasBegun { try await end("rollback") }
    }

    private func end(_ sql: SQL) async throws {
        let batch = Batch(statements: [try database.render(sql)], role: "", isWholeTransaction: false)
        _ = try await database.pool.run(batch, on: lease, shielded: true)
        hasBegun = false
    }

    // MARK: - COPY

    func beginCopy(_ sql: SQL, _ direction: CopyStep.Direction, within limit: Duration) async throws {
        // Also what begins the transaction, sets the role and checks the session.
        try await run("select set_config('statement_timeout', \("\(limit.milliseconds)"), true)")
        // Until the COPY has ended well, no statement fits between its rows.
        hasFailed = true
        try await step(.begin(text: database.render(sql).text, direction), within: limit)
    }

    @discardableResult
    func step(_ step: CopyStep, within limit: Duration, shielded: Bool = false) async throws -> Reply {
        try await database.pool.perform(.copy(step), on: lease, within: limit, shielded: shielded)
    }

    func copyEnded() async throws {
        hasFailed = false
        try await run("select set_config('statement_timeout', \("\(statementTimeout.milliseconds)"), true)")
    }

    func giveUpCopy() {
        isBroken = true
    }

    var statementTimeout: Duration { database.pool.settings.statementTimeout }
}

extension Database {
    /// Runs `body` in a transaction: it commits when `body` returns and rolls back when it throws.
    ///
    /// A serialization failure or deadlock runs `body` again, up to 4 times in all, so it must not have effects outside
    /// of the database. Throws what `body` throws, and `DatabaseError` when the commit fails.
    public func transaction<Value: Sendable>(
        isolation: Transaction.Isolation = .readCommitted,
        _ body: (Transaction) async throws -> Value
    ) async throws -> Value {
        try await retrying { try await transactionOnce(isolation: isolation, body) }
    }

    func transactionOnce<Value: Sendable>(
        isolation: Transaction.Isolation = .readCommitted,
        _ body: (Transaction) async throws -> Value
    ) async throws -> Value {
        let lease = try await pool.lease()
        let transaction = Transaction(database: self, lease: lease, isolation: isolation)
        do {
            let value = try await body(transaction)
            try await transaction.commit()
            await pool.release(lease, broken: false)
            return value
        } catch {
            await abandon(transaction, lease)
            throw error
        }
    }

    private func abandon(_ transaction: Transaction, _ lease: Int) async {
        do {
            try await transaction.rollback()
            await pool.release(lease, broken: false)
        } catch {
            // The connection cannot even roll back: closing it makes the server do so.
            await pool.release(lease, broken: true)
        }
    }
}
