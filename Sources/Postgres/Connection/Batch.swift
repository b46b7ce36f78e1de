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

/// How a batch ended.
enum Outcome: Sendable {
    case success([ResultSet])
    case failure(DatabaseError)
    /// The connection is gone, and with it the knowledge of what happened.
    case lost(String)
}
