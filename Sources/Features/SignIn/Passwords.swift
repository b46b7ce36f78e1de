import Platform
import Threads

/// Hashes and checks passwords on two threads of their own, at lower priority, and sheds what is too much: a flood of
/// sign-ins must not take the machine from people who are already signed in.
struct Passwords: Sendable {
    private let pool: BlockingPool
    private let cost: Int
    private let decoy: PasswordHash

    /// - Parameter cost: bcrypt's, in `PasswordHash.costs`.
    init(cost: Int) {
        self.cost = cost
        decoy = PasswordHash.decoy(cost: cost)
        pool = BlockingPool(name: "lean-password", threads: 2, queueLimit: 64, niceness: 10)
    }

    func hash(_ password: String) async throws -> PasswordHash {
        let cost = cost
        return try await shedding { try PasswordHash.make(password, cost: cost) }
    }

    /// Whether it is the password. Without a hash (an unknown address) the same work is done, and it never is.
    func check(_ password: String, against hash: PasswordHash?) async throws -> Bool {
        let known = hash ?? decoy
        let matches = try await shedding { known.matches(password) }
        return matches && hash != nil
    }

    private func shedding<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await pool.run(work)
        } catch is BlockingPoolFull {
            throw Problem(.passwordsBusy, retryAfterSeconds: 2)
        }
    }
}

/// A password that may be set: long enough, and no longer than bcrypt can see.
struct NewPassword: Sendable {
    let text: String

    init(_ text: String, minimum: Int) throws(Problem) {
        guard text.utf8.count <= PasswordHash.maximumBytes else {
            throw Problem(.validationFailed, "Password cannot be longer than 72 bytes")
        }
        guard !text.utf8.contains(0) else {
            throw Problem(.validationFailed, "Password must not contain the character U+0000")
        }
        guard text.unicodeScalars.count >= minimum else {
            throw Problem(
                .weakPassword, "Password should be at least \(minimum) characters.",
                fields: [FieldProblem("password", "length")])
        }
        self.text = text
    }
}
