import Codecs
import Platform
import Postgres

/// What the command line does with accounts: an operator at the machine needs no session.
public enum Accounts {
    /// 128 bits, as letters and digits.
    public static func madeUpPassword() -> String {
        Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// Makes a confirmed account.
    ///
    /// - Throws: `Problem` when the address or password cannot be one, or the address has an account.
    public static func create(
        _ email: String, password: String, isOperator: Bool, _ services: Services
    ) async throws {
        let password = try NewPassword(password, minimum: 8)
        let account = NewAccount(
            email: try EmailAddress(email), hash: try await Passwords(cost: 10).hash(password.text), metadata: [:],
            now: services.clock.now(), isConfirmed: true)
        let promotion: SQL = "update auth.users set is_super_admin = \(isOperator) where id = \(account.id)"
        do {
            _ = try await services.platform.batch(account.statements + [promotion])
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            throw Problem(.userExists, cause: error)
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
