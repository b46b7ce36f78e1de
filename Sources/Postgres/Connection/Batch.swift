/// Statements that go to the server together and are answered together: one round trip.
///
/// Without an explicit `begin` PostgreSQL runs them as one implicit transaction that ends at the sync message: if one
/// fails the others are skipped and nothing of them stays.
struct Batch: Sendable {
    var statements: [RenderedSQL]
    /// The role that the statements run under, for the names of prepared statements.
    var role: String
    /// False inside an explicit transaction: then nothing may be tried again on its own.
    var isWholeTransaction: Bool
}

/// What a connection can be asked to do.
enum Work: Sendable {
    case batch(Batch)
    case copy(CopyStep)
}

/// What the server gave back.
struct Reply: Sendable {
    var results: [ResultSet] = []
    /// Whole rows of a COPY to us; empty after the last.
    var copied: [UInt8] = []
}

/// How work ended.
enum Outcome: Sendable {
    case success(Reply)
    case failure(DatabaseError)
    /// The connection is gone, and with it the knowledge of what happened.
    case lost(String)
}
