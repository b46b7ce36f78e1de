/// How connections are made and bounded.
public struct DatabaseSettings: Sendable {
    /// What may stand between us and PostgreSQL (DATABASE_POOLER).
    public enum Pooler: String, Sendable, CaseIterable {
        case none
        /// PgBouncer's pool_mode transaction: each transaction may meet another server, so nothing of a session is used.
        case transaction
    }

    /// A libpq URI or `key=value` string. Of several hosts the first that takes writes is used, unless the string states
    /// its own `target_session_attrs`.
    public var url: String
    /// libpq's sslmode, unless the URL states its own (DATABASE_SSL_MODE). A unix socket ignores it.
    public var sslMode: String?
    /// Most connections held at once (DATABASE_MAX_CONNECTIONS).
    public var maximumConnections: Int
    /// A connection unused for so long is closed (DATABASE_IDLE_TIMEOUT).
    public var idleTimeout: Duration
    /// The longest wait for a connection, made or free (DATABASE_CONNECTION_TIMEOUT).
    public var connectionTimeout: Duration
    /// The longest a statement may run, on the server and here.
    public var statementTimeout: Duration
    /// The longest a statement may wait for a lock.
    public var lockTimeout: Duration
    /// Most requests that may wait for a connection; the next is refused at once.
    public var queueLimit: Int
    /// Most prepared statements a connection keeps; the least recently used goes.
    public var statementLimit: Int
    public var pooler: Pooler

    public init(
        url: String,
        sslMode: String? = nil,
        maximumConnections: Int = 20,
        idleTimeout: Duration = .seconds(30),
        connectionTimeout: Duration = .seconds(10),
        statementTimeout: Duration = .seconds(30),
        lockTimeout: Duration = .seconds(10)
    ) {
        self.url = url
        self.sslMode = sslMode
        self.maximumConnections = maximumConnections
        self.idleTimeout = idleTimeout
        self.connectionTimeout = connectionTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        queueLimit = 10_000
        statementLimit = 256
        pooler = .none
    }

    /// What every statement runs under.
    private var defaults: [(name: StaticString, value: String)] {
        [
            ("timezone", "UTC"), ("datestyle", "ISO"), ("bytea_output", "hex"), ("client_min_messages", "warning"),
            // Compiling a statement takes a second, and none of ours runs that long.
            ("jit", "off"),
            ("statement_timeout", "\(statementTimeout.milliseconds)"),
            ("lock_timeout", "\(lockTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(statementTimeout.milliseconds * 2)"),
        ]
    }

    /// The defaults as every connection begins with them. A pooler refuses options, since it could not keep them apart.
    var startupOptions: String? {
        guard pooler == .none else { return nil }
        return defaults.map { "-c \($0.name)=\($0.value)" }.joined(separator: " ")
    }

    /// The defaults as every transaction begins with them behind a pooler: what is set for longer would meet the next
    /// client.
    var transactionDefaults: SQL? {
        guard pooler == .transaction else { return nil }
        let settings = defaults.map { SQL("set_config(\("\($0.name)"), \($0.value), true)") }
        return settings.dropFirst().reduce("select " + settings[0]) { $0 + ", " + $1 }
    }
}
