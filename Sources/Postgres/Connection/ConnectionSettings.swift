/// How connections are made and bounded.
public struct DatabaseSettings: Sendable {
    /// A libpq URI or `key=value` string; several hosts are tried in turn (`target_session_attrs` is libpq's).
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
    }

    /// Session defaults that every connection begins with.
    var startupOptions: String {
        [
            "-c timezone=UTC", "-c datestyle=ISO", "-c bytea_output=hex", "-c client_min_messages=warning",
            "-c statement_timeout=\(statementTimeout.milliseconds)",
            "-c lock_timeout=\(lockTimeout.milliseconds)",
            "-c idle_in_transaction_session_timeout=\(statementTimeout.milliseconds * 2)",
        ].joined(separator: " ")
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// Fractional milliseconds.
    package var inMilliseconds: Double { inSeconds * 1_000 }

    /// Fractional seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
