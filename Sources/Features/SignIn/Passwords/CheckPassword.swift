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
    /// Whether its address was asked about by letter.
    fileprivate let wasAsked: Bool
    fileprivate let bannedUntil: Date?
    /// Whether it was signed in to from that kind of device in that network before.
    fileprivate let isKnownThere: Bool

    fileprivate init(_ id: ID<Person>, _ row: Row) throws {
        self.id = id
        let text: String? = try row["encrypted_password"]
        hash = text.map(PasswordHash.init(text:))
        isConfirmed = try row["is_confirmed"]
        wasAsked = try row["was_asked"]
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
        let (account, pending) = try await passwordAccount(of: email, at: place, call)
        // Strangers cannot lock anybody out of where they are known.
        if account?.isKnownThere != true, try await !call.mayTry(email) { throw try await askingForLetter(email, call) }
        let verdict = try await passwords.check(password, against: account?.hash)
        // Whatever the first has found, or its time would tell.
        let isPending = if let pending { try await passwords.check(password, against: pending).matches } else { false }
        let isTold = account.map { !$0.isConfirmed && !$0.wasAsked } ?? false
        guard verdict.matches, var account, account.isConfirmed || isTold else {
            if isPending { throw Problem(.emailNotConfirmed) }
            call.emit(.signInFailed, of: account.map { .person($0.id) })
            throw Problem(.invalidCredentials)
        }
        if let until = account.bannedUntil, until > call.now { throw Problem(.userBanned) }
        guard account.isConfirmed else { throw Problem(.emailNotConfirmed) }
        if let renewed = verdict.renewed { account.renewal = [account.keeping(renewed)] }
        return account
    }

    /// The account, and the hash of a sign-up from there that waits for its letter's answer.
    private func passwordAccount<Input>(
        of email: String, at place: Whereabouts, _ call: Call<Visitor, Input>
    ) async throws -> (PasswordAccount?, PasswordHash?) {
        try await call.services.platform.one(
            """
            select u.id, u.encrypted_password, u.email_confirmed_at is not null as is_confirmed, u.banned_until,
                coalesce(u.confirmation_sent_at, u.invited_at) is not null as was_asked,
                exists (
                    select from lean.known_devices k
                    where k.user_id = u.id and k.device = \(place.device) and k.network = \(place.network)::cidr
                ) as is_known_there, \(PendingSignUp.hash(of: email, at: place, call.now))
            from (select) found
            left join auth.users u on u.email = \(email) and u.is_sso_user = false and u.deleted_at is null
            """
        ) { row in
            let pending: String? = try row["pending"]
            let id: ID<Person>? = try row["id"]
            return (try id.map { try PasswordAccount($0, row) }, pending.map(PasswordHash.init(text:)))
        }
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
