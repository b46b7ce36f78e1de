/// PostgreSQL, as a verb sees it: statements that run under the role it was given.
///
/// Every call is one transaction and one round trip: the preamble that sets role and claims (and checks the session) goes
/// out in the same pipeline as the statement. `transaction` holds a connection for several statements.
public struct Database: Sendable {
    let pool: Pool
    /// Runs first in each transaction: sets the role and what row-level security reads. A `select` of values without `from`.
    let preamble: SQL?
    /// The preamble's role, for the names of prepared statements.
    let role: String
    /// Whether its transactions are held to reading.
    var isReading = false
    /// Where reads go first, and whether they may at this moment.
    var replica: (Replica, isAllowed: @Sendable () -> Bool)?

    /// Opens no connection yet: the first statement does.
    package init(_ settings: DatabaseSettings) {
        self.init(pool: Pool(settings: settings))
    }

    init(pool: Pool, preamble: SQL? = nil, role: String = "") {
        self.pool = pool
        self.preamble = preamble
        self.role = role
    }

    /// The same database, entered with `preamble` before each transaction.
    package func entering(with preamble: SQL, role: String) -> Database {
        Database(pool: pool, preamble: preamble, role: role)
    }

    /// The rows' values, in order.
    public func all<Value: Sendable>(_ sql: SQL, _ make: (Row) throws -> Value) async throws -> [Value] {
        try await result(of: sql).map(make)
    }

    /// The first row's value, or nil when there is none.
    public func first<Value: Sendable>(_ sql: SQL, _ make: (Row) throws -> Value) async throws -> Value? {
        let result = try await result(of: sql)
        return result.count == 0 ? nil : try make(result[0])
    }

    /// The first row's value. Throws `DatabaseError.noRow` when there is none.
    public func one<Value: Sendable>(_ sql: SQL, _ make: (Row) throws -> Value) async throws -> Value {
        guard let value = try await first(sql, make) else { throw DatabaseError.noRow }
        return value
    }

    /// Runs a statement for its effect. Gives back how many rows it touched.
    @discardableResult
    public func run(_ sql: SQL) async throws -> Int {
        try await result(of: sql).affected
    }

    /// Several statements in one round trip and one transaction, without looking at answers between them.
    public func batch(_ statements: [SQL]) async throws -> [ResultSet] {
        let prepared = try (opening + statements).map(render)
        let batch = Batch(statements: prepared, role: role, isWholeTransaction: true)
        if let (replica, isAllowed) = replica, isAllowed(), let results = try await replica.run(batch) {
            return Array(results.dropFirst(opening.count))
        }
        let results = try await retrying { try await pool.run(batch) }
        for statement in prepared { for action in statement.afterCommit { action() } }
        return Array(results.dropFirst(opening.count))
    }

    /// What goes before the first statement of each transaction.
    var opening: [SQL] {
        [pool.settings.transactionDefaults, isReading ? readingPreamble : preamble].compactMap { $0 }
    }

    /// One statement with the preamble: reading costs no more than any other transaction.
    private var readingPreamble: SQL {
        let readOnly: SQL = "set_config('transaction_read_only', 'on', true)"
        return preamble.map { "\($0), \(readOnly)" } ?? "select \(readOnly)"
    }

    /// Figures of the pool behind it.
    public func metrics() async -> PoolMetrics {
        await pool.metrics()
    }

    /// Closes all connections; what still runs is cancelled.
    public func close() async {
        await pool.close()
    }

    private func result(of sql: SQL) async throws -> ResultSet {
        guard let result = try await batch([sql]).last else { throw DatabaseError.noRow }
        return result
    }

    func render(_ sql: SQL) throws -> RenderedSQL {
        let rendered = RenderedSQL(sql)
        for case .text(let text) in rendered.parameters where text.withContiguousUTF8({ $0.contains(0) }) {
            throw DatabaseError.nulCharacter
        }
        return rendered
    }

    /// A whole transaction that PostgreSQL asks to repeat is repeated up to 3 times, after 5, 10 and 20 ms ± half.
    func retrying<Value>(_ attempt: () async throws -> Value) async throws -> Value {
        for round in 0..<3 {
            do {
                return try await attempt()
            } catch DatabaseError.server(let error) where error.isSerializationFailure || error.isStalePlan {
                if error.isSerializationFailure {
                    try await Task.sleep(for: .milliseconds(5 << round) * Double.random(in: 0.5...1.5))
                }
            }
        }
        return try await attempt()
    }
}
