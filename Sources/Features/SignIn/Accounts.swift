import Codecs
import Platform
import Postgres

/// What the command line does with accounts: an operator at the machine needs no session.
public enum Accounts {
    /// A new account's password, and who thought of it.
    public enum Password: Sendable {
        /// Keeps the rule that all keep who choose one.
        case chosen(String)
        /// Random, so that no rule could make it better.
        case madeUp(String)

        /// 128 bits, as letters and digits.
        public static func random() -> Password {
            .madeUp(Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) }))
        }

        public var text: String {
            switch self {
            case .chosen(let text), .madeUp(let text): text
            }
        }
    }

    /// Makes a confirmed account.
    ///
    /// - Throws: `Problem` when the address or password cannot be one, or the address has an account.
    public static func create(
        _ email: String, password: Password, isOperator: Bool, _ services: Services
    ) async throws {
        let email = try EmailAddress(email)
        let hash = try await Passwords(cost: 10).hash(admitted(password, for: email, services))
        let account = NewAccount(
            email: email, hash: hash, metadata: [:], now: services.clock.now(), isConfirmed: true)
        let promotion: SQL = "update auth.users set is_super_admin = \(isOperator) where id = \(account.id)"
        do {
            _ = try await services.platform.batch(account.statements + [promotion])
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            throw Problem(.userExists, cause: error)
        }
    }

    private static func admitted(
        _ password: Password, for email: EmailAddress, _ services: Services
    ) async throws -> NewPassword {
        switch password {
        case .madeUp(let text): return NewPassword(madeUp: text)
        case .chosen(let text):
            let rule = PasswordRule(minimum: services.settings.int("PASSWORD_MIN_LENGTH") ?? 8)
            return try await rule.admit(text, for: PasswordOwner(addresses: [email.text], metadata: []), services)
        }
    }

    /// Makes a person an operator: from their next request on, on all nodes.
    public static func promote(_ email: String, _ services: Services) async throws {
        let address = try EmailAddress(email).text
        let promoted = try await services.platform.run(
            "update auth.users set is_super_admin = true where email = \(address) and deleted_at is null")
        guard promoted > 0 else { throw Problem(.notFound, "No account has this address.") }
    }
}
