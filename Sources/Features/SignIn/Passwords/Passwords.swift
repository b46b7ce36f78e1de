import Platform
import Threads

/// Hashes and checks passwords on two threads of their own, at lower priority, and sheds what is too much: a flood of
/// sign-ins must not take the machine from people who are already signed in.
struct Passwords: Sendable {
    private let pool: BlockingPool
    private let cost: Int
    private let decoy: PasswordHash

    /// What checking a password found.
    struct Verdict: Sendable {
        let matches: Bool
        /// The right password's hash as we write them now, when the one that it was checked against is not: of another kind or
        /// cost, or of another spelling.
        var renewed: PasswordHash?
    }

    /// - Parameter cost: bcrypt's, in `PasswordHash.costs`.
    init(cost: Int) {
        self.cost = cost
        decoy = PasswordHash.decoy(cost: cost)
        pool = BlockingPool(name: "lean-password", threads: 2, queueLimit: 64, niceness: 10)
    }

    func hash(_ password: NewPassword) async throws -> PasswordHash {
        try await shedding { [cost] in try PasswordHash.make(password.text, cost: cost) }
    }

    /// Whether it is the password. Without a hash (an unknown address) the same work is done, and it never is.
    func check(_ password: String, against hash: PasswordHash?) async throws -> Verdict {
        let known = hash ?? decoy
        let text = PasswordText(password)
        let verdict = try await shedding { [cost] in try Self.verdict(on: text, known, cost: cost) }
        return hash == nil ? Verdict(matches: false) : verdict
    }

    /// How much is done depends on what was typed alone, but that a right password's hash may be written anew.
    private static func verdict(
        on password: PasswordText, _ hash: PasswordHash, cost: Int
    ) throws(PasswordHash.Failure) -> Verdict {
        var found: [Bool] = []
        for spelling in password.spellings { found.append(try hash.matches(spelling)) }
        guard let index = found.firstIndex(of: true) else { return Verdict(matches: false) }
        let isOurs = index == 0 && hash.bcryptCost == cost
        // argon2 reads longer passwords than we can hash: theirs stay as they are.
        guard !isOurs, PasswordHash.isPossible(password.normalized) else { return Verdict(matches: true) }
        return Verdict(matches: true, renewed: try PasswordHash.make(password.normalized, cost: cost))
    }

    private func shedding<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await pool.run(work)
        } catch is BlockingPoolFull {
            throw Problem(.passwordsBusy, retryAfterSeconds: 2)
        } catch let failure as PasswordHash.Failure where failure == .unavailable {
            throw Problem(.passwordsBusy, retryAfterSeconds: 2, cause: failure)
        }
    }
}
