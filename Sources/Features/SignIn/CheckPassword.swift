import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An account whose password was shown.
struct PasswordAccount: Sendable {
    let id: ID<Person>
    fileprivate let hash: PasswordHash?
    fileprivate let isConfirmed: Bool
    fileprivate let bannedUntil: Date?

    fileprivate init(_ row: Row) throws {
        id = try row["id"]
        let text: String? = try row["encrypted_password"]
        hash = text.map(PasswordHash.init(text:))
        isConfirmed = try row["is_confirmed"]
        bannedUntil = try row["banned_until"]
    }
}

extension SignIn {
    /// The account, when it is the password's and may sign in: one attempt on it. An unknown address costs the same work as
    /// a wrong password, gets the same answer, and is blocked as a known one.
    ///
    /// - Throws: `Problem`.
    func passwordAccount<Input>(
        _ email: String, _ password: String, _ call: Call<Visitor, Input>
    ) async throws -> PasswordAccount {
        // What cannot be an address is no account, and takes as long as any other.
        let address: String
        do { address = try EmailAddress(email).text } catch { address = "" }
        return try await call.attempt(on: address) { try await checked(address, password, call) }
    }

    private func checked<Input>(
        _ email: String, _ password: String, _ call: Call<Visitor, Input>
    ) async throws -> PasswordAccount {
        let account = try await call.services.platform.first(
            """
            select id, encrypted_password, email_confirmed_at is not null as is_confirmed, banned_until
            from auth.users
            where email = \(email) and is_sso_user = false and deleted_at is null
            """, PasswordAccount.init)
        let matches = try await passwords.check(password, against: account?.hash)
        guard matches, let account else {
            call.emit(.signInFailed, of: account.map { .person($0.id) })
            throw Problem(.invalidCredentials)
        }
        if let until = account.bannedUntil, until > call.now { throw Problem(.userBanned) }
        guard account.isConfirmed else { throw Problem(.emailNotConfirmed) }
        return account
    }
}
