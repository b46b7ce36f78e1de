import Postgres

/// How the credentials of a request become a caller, and how that caller enters the database.
public struct Authenticator: Sendable {
    /// - Throws: `Problem` when credentials are there but not good.
    let authenticate: @Sendable (Credentials, Services) async throws -> Caller
    /// Items of a `select` that begins each of the person's transactions: claims, organization, and the check that the
    /// session still stands. The platform adds the role, last.
    let identity: @Sendable (Principal) -> SQL
    /// The database refused the principal's session or role: what is remembered of it is wrong.
    let forget: @Sendable (Principal) -> Void
    /// What credentials that are not good are refused with, for the docs.
    let fails: [ProblemKind]

    public init(
        fails: [ProblemKind],
        authenticate: @escaping @Sendable (Credentials, Services) async throws -> Caller,
        identity: @escaping @Sendable (Principal) -> SQL,
        forget: @escaping @Sendable (Principal) -> Void
    ) {
        self.fails = fails
        self.authenticate = authenticate
        self.identity = identity
        self.forget = forget
    }
}

/// What a request shows to prove who it comes from.
public struct Credentials: Sendable {
    /// The text after `Bearer ` in Authorization. An Authorization header of another form is an empty one.
    public let bearer: String?
    /// The `apikey` header of Supabase clients.
    public let apiKey: String?
}
