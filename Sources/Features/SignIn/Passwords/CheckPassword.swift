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
    /// What is to be done with the sign-in: the hash of their password is written anew.
    fileprivate(set) var renewal: [SQL] = []
    fileprivate let hash: PasswordHash?
    fileprivate let isConfirmed: Bool
    fileprivate let bannedUntil: Date?
    /// Whether it was signed in to from that kind of device in that network before.
    fileprivate let isKnownThere: Bool

    fileprivate init(_ row: Row) throws {
        id = try row["id"]
        let text: String? = try row["encrypted_password"]
        hash = text.map(PasswordHash.init(text:))
        isConfirmed = try row["is_confirmed"]
        bannedUntil = try row["banned_until"]
        isKnownThere = try row["is_known_there"]
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
        let place = Whereabouts(call.request)
        let account = try await call.services.platform.first(
            """
            select id, encrypted_password, email_confirmed_at is not null as is_confirmed, banned_until,
                exists (
                    select from lean.known_devices k
                    where k.user_id = u.id and k.device = \(place.device) and k.network = \(place.network)::cidr
                ) as is_known_there
            from auth.users u
            where email = \(email) and is_sso_user = false and deleted_at is null
            """, PasswordAccount.init)
        // Strangers cannot lock anybody out of where they are known.
        if account?.isKnownThere != true, try await !call.mayTry(email) { throw try await askingForLetter(email, call) }
        let verdict = try await passwords.check(password, against: account?.hash)
        guard verdict.matches, var account else {
            call.emit(.signInFailed, of: account.map { .person($0.id) })
            throw Problem(.invalidCredentials)
        }
        if let until = account.bannedUntil, until > call.now { throw Problem(.userBanned) }
        guard account.isConfirmed else { throw Problem(.emailNotConfirmed) }
        if let renewed = verdict.renewed { account.renewal = [account.keeping(renewed)] }
        return account
    }

    /// So many have failed at the account that its password alone is not enough: a letter goes to its owner, whose link makes the
    /// place known that it is used at. The password is not looked at, so that nobody learns whether it is right; whether there is an
    /// account is looked up by the job.
    private func askingForLetter<Input>(_ email: String, _ call: Call<Visitor, Input>) async throws -> Problem {
        guard call.services.mail.isOn else { return Problem(.rateLimited) }
        let request = LinkRequest(
            purpose: .unlock, address: email, language: Self.language(of: nil, call.request).rawValue,
            redirect: settings.redirects.site)
        _ = try await call.platform.batch([try post(request, call.services)])
        return Problem(.unlockByLetter)
    }
}

extension PasswordAccount {
    /// Unless the password was changed in the meantime.
    fileprivate func keeping(_ renewed: PasswordHash) -> SQL {
        """
        update auth.users set encrypted_password = \(renewed.text)
        where id = \(id) and encrypted_password = \(hash?.text)
        """
    }
}
