import Postgres

/// The tables of a feature and how they came to be.
public struct Schema: Sendable {
    public let tables: [Table]
    public let migrations: [Migration]
    /// Columns whose values are sealed: `leansaas keys reseal` looks after them.
    public let sealed: [SealedColumn]

    public init(tables: [Table] = [], migrations: [Migration] = [], sealed: [SealedColumn] = []) {
        self.tables = tables
        self.sealed = sealed
        self.migrations = migrations
    }
}

/// What must be known of a table beside its columns: whose data it holds, and for how long.
public struct Table: Sendable {
    public enum Holding: Sendable, Equatable {
        /// Rows of persons or organizations: row-level security is on and forced.
        case customers
        /// The platform's own: no surface shows its schema.
        case platform
    }

    /// With its schema: `public.notes`.
    public let name: String
    public let holding: Holding
    /// Columns that identify a person, directly or by reference. Empty when there is none.
    public let personal: [String]
    public let retention: Retention

    public enum Retention: Sendable, Equatable {
        /// As long as the person or organization is a customer.
        case whileCustomer
        /// So many days after the row has ended.
        case days(Int)
        /// For good: it holds nothing personal.
        case forever
    }

    public init(_ name: String, _ holding: Holding, personal: [String], kept retention: Retention) {
        self.name = name
        self.holding = holding
        self.personal = personal
        self.retention = retention
    }
}
