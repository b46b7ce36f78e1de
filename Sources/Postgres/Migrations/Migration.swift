/// One step of the schema, written once and never changed after it has been applied anywhere.
public struct Migration: Sendable {
    /// Unique within its feature: `001_create_notes`.
    public let id: String
    let script: StaticString
    /// False for what PostgreSQL refuses inside a transaction (`create index concurrently`). It must then be safe to
    /// repeat, since it may be interrupted half-way.
    public let isTransactional: Bool

    public init(_ id: String, _ script: StaticString) {
        self.id = id
        self.script = script
        isTransactional = true
    }

    private init(outsideTransaction id: String, _ script: StaticString) {
        self.id = id
        self.script = script
        isTransactional = false
    }

    /// A single statement that runs outside a transaction and is safe to repeat.
    public static func outsideTransaction(_ id: String, _ script: StaticString) -> Migration {
        Migration(outsideTransaction: id, script)
    }

    var text: String { "\(script)" }
}

/// The migrations of one feature.
public struct MigrationSet: Sendable {
    public let feature: String
    public let migrations: [Migration]

    public init(feature: String, _ migrations: [Migration]) {
        self.feature = feature
        self.migrations = migrations
    }
}

/// Where a migration stands in a database.
public struct MigrationState: Sendable, Equatable {
    public enum Standing: String, Sendable {
        case applied, pending
        /// Applied, but its text is no longer what was applied.
        case changed
        /// Applied by a version or feature that this program does not know.
        case unknown
    }

    public let feature: String
    public let id: String
    public let standing: Standing
}

/// Why the schema was not brought up to date. Nothing of the failing migration stays.
public enum MigrationFailure: Error, Sendable, CustomStringConvertible {
    case changed([String])
    case failed(migration: String, ServerError)
    case connection(String)

    public var description: String {
        switch self {
        case .changed(let names):
            """
            applied migrations have been changed since: \(names.joined(separator: ", ")).
            Restore their text and add a new migration instead.
            """
        case .failed(let migration, let error):
            "\(migration): \(error.message) (\(error.state))" + (error.detail.map { "\n\($0)" } ?? "")
        case .connection(let message):
            message
        }
    }
}
