import Logging
import Platform
import Postgres

/// What the process itself needs: where it listens, its database, its log, its edge.
struct ServerSettings: Sendable {
    let listen: ListenSettings
    let database: DatabaseSettings
    /// For LISTEN, which dies behind transaction pooling.
    let direct: DatabaseSettings
    /// The schema's owner, when this process may migrate.
    let migration: DatabaseSettings?
    /// A standby, and how old its answers may be.
    let replica: DatabaseSettings?
    let replicaLag: Duration
    let redis: RedisSettings
    let log: LogSettings
    let edge: EdgeSettings
    let transport: TransportSettings
    let limits: LimitSettings
    let cache: CacheSettings
    let jobs: JobSettings
    let mail: MailSettings
    let leaks: LeakedPasswords?
    let health: HealthSettings
    let keys: PublishedKeys

    init(_ read: inout SettingReader, _ basics: Basics) {
        listen = ListenSettings(&read)
        (database, direct, migration) = Self.databases(&read)
        let replica = read.secret(
            "DATABASE_REPLICA_URL", need: .optional,
            "A standby, as the role authenticator, for reads that may be a little old. Default: none, all go to DATABASE_URL."
        )
        self.replica = database.at(replica)
        replicaLag = read.milliseconds(
            "DATABASE_REPLICA_MAX_LAG", default: .seconds(1), in: .milliseconds(100)...(.seconds(60)),
            "A standby that may be further behind is not read from.")
        redis = RedisSettings(&read)
        log = LogSettings(&read)
        edge = EdgeSettings(&read, basics)
        transport = TransportSettings(&read, basics, hasCertificate: listen.certificate != nil)
        limits = LimitSettings(&read, secret: basics.tokenSecret)
        cache = CacheSettings(&read, secret: basics.tokenSecret)
        jobs = JobSettings(&read)
        mail = MailSettings(&read)
        leaks = LeakSettings(&read).leaks
        health = HealthSettings(&read)
        keys = PublishedKeys(&read)
    }

    private static func databases(
        _ read: inout SettingReader
    ) -> (DatabaseSettings, DatabaseSettings, DatabaseSettings?) {
        read.group("Database")
        let url = read.secret(
            "DATABASE_URL", need: .requiredIn(Set(Stage.allCases)),
            "PostgreSQL as the role authenticator: a libpq URI. `leansaas dev` makes its own.")
        let direct = read.secret(
            "DATABASE_DIRECT_URL", need: .optional,
            "The same without a pooler between, for LISTEN. Default: DATABASE_URL.")
        let migration = read.secret(
            "DATABASE_MIGRATION_URL", need: .optional,
            "PostgreSQL as the role lean_owner. With it `serve` brings the schema up to date before it listens.")
        var settings = DatabaseSettings(url: url?.reveal() ?? "")
        settings.maximumConnections = read.int(
            "DATABASE_MAX_CONNECTIONS", default: 20, in: 1...500, "Most connections held.")
        settings.idleTimeout = read.milliseconds(
            "DATABASE_IDLE_TIMEOUT", default: .seconds(30), in: .seconds(1)...(.seconds(3_600)),
            "An unused connection is closed after so long.")
        settings.connectionTimeout = read.milliseconds(
            "DATABASE_CONNECTION_TIMEOUT", default: .seconds(10), in: .milliseconds(100)...(.seconds(60)),
            "The longest that a request waits for a connection.")
        settings.statementTimeout = read.milliseconds(
            "DATABASE_STATEMENT_TIMEOUT", default: .seconds(30), in: .milliseconds(100)...(.seconds(600)),
            "The longest that a statement runs.")
        settings.lockTimeout = read.milliseconds(
            "DATABASE_LOCK_TIMEOUT", default: .seconds(10), in: .milliseconds(100)...(.seconds(600)),
            "The longest that a statement waits for a lock.")
        settings.sslMode = sslMode(&read)
        settings.pooler = pooler(&read, hasDirect: direct != nil)
        return (settings, settings.at(direct) ?? settings, settings.at(migration))
    }

    private static func pooler(_ read: inout SettingReader, hasDirect: Bool) -> DatabaseSettings.Pooler {
        let pooler = read.choice(
            "DATABASE_POOLER", default: DatabaseSettings.Pooler.none,
            "What DATABASE_URL leads through: `transaction` for PgBouncer with pool_mode transaction.")
        if pooler == .transaction, !hasDirect {
            read.problem(
                "DATABASE_DIRECT_URL", "must be set with DATABASE_POOLER=transaction: LISTEN needs a session",
                fix: "Set it to PostgreSQL itself, as the role authenticator.")
        }
        return pooler
    }

    private static func sslMode(_ read: inout SettingReader) -> String {
        let mode = read.choice(
            "DATABASE_SSL_MODE", default: read.stage == .production ? SSLMode.require : .prefer,
            "libpq's sslmode, unless the URL states its own. A unix socket needs none.")
        if mode == .require {
            read.advice(
                "DATABASE_SSL_MODE", "`require` encrypts but verifies no certificate; `verify-full` does both.")
        }
        return mode.rawValue
    }

    private enum SSLMode: String, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }
}

extension DatabaseSettings {
    fileprivate func at(_ url: Secret?) -> DatabaseSettings? {
        guard let url else { return nil }
        var settings = self
        settings.url = url.reveal()
        settings.pooler = .none
        return settings
    }
}
