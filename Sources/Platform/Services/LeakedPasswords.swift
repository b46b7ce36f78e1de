/// Passwords that were stolen somewhere and are known to whoever wants to guess one: a service outside tells of them.
public struct LeakedPasswords: Sendable {
    /// Whether a password that cannot be looked up is refused (PASSWORD_HIBP_FAIL_CLOSED).
    public let failsClosed: Bool
    private let lookUp: @Sendable (String) async throws -> Bool

    /// - Parameter lookUp: whether a password is among them, within a time limit of its own; throws when nobody can tell. What it
    ///   throws is logged.
    public init(failsClosed: Bool, lookUp: @escaping @Sendable (String) async throws -> Bool) {
        self.failsClosed = failsClosed
        self.lookUp = lookUp
    }

    public func contain(_ password: String) async throws -> Bool { try await lookUp(password) }
}
