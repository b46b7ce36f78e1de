import Threads

/// Brings a database's schema up to date.
///
/// Order is (position of the feature, position in the feature); what is unapplied is applied, each in its own
/// transaction under an advisory lock, so two nodes that start at once do it once. A changed past migration is refused
/// before anything runs.
package struct Migrator: Sendable {
    private let settings: DatabaseSettings
    private let sets: [MigrationSet]
    private static let blocking = BlockingPool(name: "lean-migrate", threads: 1, queueLimit: 64)
    /// Any number will do, as long as it is ours: "lean" in ASCII.
    private static let lockKey = 0x6C65_616E

    /// - Parameter settings: for the schema's owner (DATABASE_MIGRATION_URL), on a direct connection.
    package init(_ settings: DatabaseSettings, _ sets: [MigrationSet]) {
        var settings = settings
        // A migration may rewrite a table; only its lock waits stay bounded.
        settings.statementTimeout = .seconds(3_600)
        self.settings = settings
        self.sets = sets
    }

    /// Applies what is missing. Gives back the names of what was applied now.
    package func up() async throws -> [String] {
        try await Self.blocking.run { try upBlocking() }
    }

    package func status() async throws -> [MigrationState] {
        try await Self.blocking.run {
            let connection = try ScriptConnection(settings)
            return states(try applied(connection))
        }
    }

    /// Runs a script as the URL's role: for `migrate bootstrap`, which makes roles, not tables.
    package static func run(_ script: String, on settings: DatabaseSettings) async throws {
        try await blocking.run { try ScriptConnection(settings).run(script) }
    }

    private func upBlocking() throws -> [String] {
        let connection = try ScriptConnection(settings)
        if try !hasLedger(connection) { try connection.run(Self.ledger) }
        let changed = states(try applied(connection)).filter { $0.standing == .changed }
        guard changed.isEmpty else { throw MigrationFailure.changed(changed.map { "\($0.feature)/\($0.id)" }) }
        var names: [String] = []
        for set in sets {
            for migration in set.migrations where try apply(migration, of: set.feature, on: connection) {
                names.append("\(set.feature)/\(migration.id)")
            }
        }
        return names
    }

    private func apply(_ migration: Migration, of feature: String, on connection: ScriptConnection) throws -> Bool {
        do {
            return migration.isTransactional
                ? try applyInTransaction(migration, of: feature, on: connection)
                : try applyOutside(migration, of: feature, on: connection)
        } catch DatabaseError.server(let error) {
            throw MigrationFailure.failed(migration: "\(feature)/\(migration.id)", error)
        }
    }

    private func applyInTransaction(
        _ migration: Migration, of feature: String, on connection: ScriptConnection
    ) throws -> Bool {
        try connection.run("begin")
        do {
            _ = try connection.query("select pg_advisory_xact_lock(\(Self.lockKey))")
            let isNew = try !isApplied(migration, of: feature, on: connection)
            if isNew {
                try connection.run(migration.text)
                try record(migration, of: feature, on: connection)
            }
            try connection.run("commit")
            return isNew
        } catch {
            try connection.run("rollback")
            throw error
        }
    }

    private func applyOutside(
        _ migration: Migration, of feature: String, on connection: ScriptConnection
    ) throws -> Bool {
        guard try !isApplied(migration, of: feature, on: connection) else { return false }
        try connection.run(migration.text)
        try record(migration, of: feature, on: connection)
        return true
    }

    private func isApplied(_ migration: Migration, of feature: String, on connection: ScriptConnection) throws -> Bool {
        try connection.query(
            "select 1 from lean.migrations where feature = \(feature) and id = \(migration.id)"
        ).count == 1
    }

    private func record(_ migration: Migration, of feature: String, on connection: ScriptConnection) throws {
        _ = try connection.query(
            """
            insert into lean.migrations (feature, id, checksum)
            values (\(feature), \(migration.id), encode(sha256(convert_to(\(migration.text), 'UTF8')), 'hex'))
            on conflict do nothing
            """)
    }

    private func hasLedger(_ connection: ScriptConnection) throws -> Bool {
        try connection.query("select 1 where to_regclass('lean.migrations') is not null").count == 1
    }

    /// Applied migrations: whether each one's checksum still is that of our text, which PostgreSQL computes.
    private func applied(_ connection: ScriptConnection) throws -> [String: Bool] {
        guard try hasLedger(connection) else { return [:] }
        let known = sets.flatMap { set in set.migrations.map { (set.feature + "/" + $0.id, $0.text) } }
        let rows = try connection.query(
            """
            select m.feature || '/' || m.id as name,
                   k.name is not null as is_known,
                   m.checksum = encode(sha256(convert_to(coalesce(k.script, ''), 'UTF8')), 'hex') as is_same
            from lean.migrations m
            left join unnest(\(SQLArray(known.map(\.0)))::text[], \(SQLArray(known.map(\.1)))::text[]) as k (name, script)
              on k.name = m.feature || '/' || m.id
            """)
        return try Dictionary(
            rows.map { row in
                let isKnown: Bool = try row["is_known"]
                return (try row["name"], try row["is_same"] || !isKnown)
            }, uniquingKeysWith: { first, _ in first })
    }

    private func states(_ applied: [String: Bool]) -> [MigrationState] {
        var unknown = applied
        var states: [MigrationState] = []
        for set in sets {
            for migration in set.migrations {
                let isSame = unknown.removeValue(forKey: set.feature + "/" + migration.id)
                let standing: MigrationState.Standing = isSame.map { $0 ? .applied : .changed } ?? .pending
                states.append(MigrationState(feature: set.feature, id: migration.id, standing: standing))
            }
        }
        for name in unknown.keys.sorted() {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            states.append(MigrationState(feature: parts[0], id: parts.last ?? "", standing: .unknown))
        }
        return states
    }

    /// Made under the same lock as the migrations: `if not exists` alone can fail when two nodes race.
    private static let ledger = """
        begin;
        select pg_advisory_xact_lock(\(lockKey));
        create schema if not exists lean;
        create table if not exists lean.migrations (
            feature text not null,
            id text not null,
            checksum text not null,
            applied_at timestamptz not null default now(),
            primary key (feature, id)
        );
        commit;
        """
}
