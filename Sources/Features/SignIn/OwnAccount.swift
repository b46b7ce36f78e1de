import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// From what the node remembers of the session: no round trip while the lease runs.
    func readUser(_ call: Call<Principal, NoInput>) async throws -> Answer {
        let caller = call.caller
        guard let state = try await sessions.state(of: caller.session, person: caller.id, call.services) else {
            throw Problem(.sessionEnded)
        }
        return Answer(status: 200, body: .json(state.userJSON))
    }

    struct AccountChange: RequestInput {
        let email: String?
        let phone: String?
        let password: String?
        let metadata: JSONObject?
        let nonce: String?
        let challenge: String?
        let challengeMethod: String?
        let redirect: String?

        static let input = Input<AccountChange>(
            Field.optionalText("email", upTo: 254, "The new address.").example("ada.lovelace@example.com"),
            Field.optionalText("phone", upTo: 32, "Not offered.").withoutExample,
            Field.optionalText("password", 0...1_000, "The new password. Ends the person's other sessions.")
                .example("a longer correct horse battery"),
            .object("data", maxBytes: 16_384, "Merged into the person's metadata; null removes a member."),
            Field.optionalText("nonce", upTo: 20, "The code that `/reauthenticate` sent.").withoutExample,
            Field.optionalText("code_challenge", upTo: 128, "For PKCE (RFC 7636), of a new address.").withoutExample,
            Field.optionalText("code_challenge_method", upTo: 10, "`s256` or `plain`.").withoutExample,
            Field.optionalText("redirect_to", upTo: 2_000, "Where the links of a new address end.").withoutExample
                .inQuery,
            make: AccountChange.init(email:phone:password:metadata:nonce:challenge:challengeMethod:redirect:)
        )
    }

    func changeUser(_ call: Call<Principal, AccountChange>) async throws -> User {
        guard call.input.phone == nil else { throw Problem(.phoneDisabled) }
        let person = call.caller.id
        let email = try call.input.email.map { try EmailAddress($0) }
        var statements: [SQL] = []
        if let password = call.input.password { statements += try await passwordChange(password, call) }
        if let email { statements += try await emailChange(email, call) }
        if let metadata = call.input.metadata { statements.append(Self.merge(metadata, into: person, call.now)) }
        statements.append("select \(User.columns) from auth.users u where u.id = \(person)")
        do {
            let user = try await call.platform.batch(statements).lastRow(User.init)
            sessions.forget(person)
            // Their profile shows the address.
            if email != nil { await call.services.cache.forget(.person(person)) }
            return user
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            throw Problem(.emailExists, cause: error)
        }
    }

    /// At once where addresses confirm themselves; elsewhere when those who read them have agreed.
    private func emailChange(_ email: EmailAddress, _ call: Call<Principal, AccountChange>) async throws -> [SQL] {
        guard let state = try await sessions.state(of: call.caller.session, person: call.caller.id, call.services)
        else { throw Problem(.sessionEnded) }
        // Whoever has an address is asked whether it is theirs that they change to, as with GoTrue; without mail nobody can be.
        let isAtOnce = settings.confirmsByItself && (state.user.email == nil || !call.services.mail.isOn)
        guard !isAtOnce else { return try emailChangeAtOnce(email, of: state.user, call) }
        guard state.user.email != email.text else { return [] }
        guard call.services.mail.isOn else { throw Problem(.emailDisabled) }
        let change = AddressChange(
            person: call.caller.id, current: state.user.email, new: email.text,
            language: Self.language(of: state.user.userMetadata, call.request).rawValue,
            redirect: settings.redirects.target(call.input.redirect, of: call.request),
            challenge: try CodeChallenge(call.input.challenge, method: call.input.challengeMethod))
        return try asking(change, call.now, call.services)
    }

    /// The rules come before the work: a stolen old session must not set a password, and the old one is no new one. A code is
    /// not used up for a password that is refused.
    private func passwordChange(_ text: String, _ call: Call<Principal, AccountChange>) async throws -> [SQL] {
        let person = call.caller.id
        guard let state = try await sessions.state(of: call.caller.session, person: person, call.services) else {
            throw Problem(.sessionEnded)
        }
        // Whoever has a session that is not theirs must not find out the password here, nor the code of a letter.
        guard try await call.mayTry(person.text) else { throw Problem(.rateLimited) }
        guard !state.user.isAnonymous || call.input.email != nil else { throw Problem(.anonymousNeedsEmail) }
        let owner = PasswordOwner(state.user, newAddress: call.input.email, newMetadata: call.input.metadata)
        let password = try await passwordRule.admit(text, for: owner, call.services)
        // Who is anonymous has neither a password nor an address that a code could come to.
        if settings.reauthenticatesForPassword, !state.user.isAnonymous,
            state.createdAt < call.now.addingTimeInterval(-86_400)
        {
            try await checkNonce(of: state, call)
        }
        let old: String? = try await call.platform.one(
            "select encrypted_password from auth.users where id = \(person)"
        ) { try $0["encrypted_password"] }
        if let old, try await passwords.check(text, against: PasswordHash(text: old)).matches {
            throw Problem(.samePassword)
        }
        let hash = try await passwords.hash(password)
        return [
            "update auth.users set encrypted_password = \(hash.text), updated_at = \(call.now) where id = \(person)",
            "delete from auth.sessions where user_id = \(person) and id <> \(call.caller.session)",
            call.recording(.passwordChanged, of: .person(person)),
        ] + Self.endingLinks(of: person) + (try notice(.passwordChanged, to: state.user, call))
    }

    /// An old session shows by a code of a letter that whoever sits there reads the person's mail.
    private func checkNonce(of state: SessionState, _ call: Call<Principal, AccountChange>) async throws {
        guard let nonce = call.input.nonce, let address = state.user.email else {
            throw Problem(.reauthenticationNeeded)
        }
        let used = try await call.platform.transaction { transaction in
            try await UsedLink.use(
                code: nonce, for: address, types: [LinkPurpose.reauthentication.tokenType], linkKeys, transaction,
                now: call.now)
        }
        guard used?.person == call.caller.id else { throw Problem(.nonceInvalid) }
    }

    /// A letter that tells a person what was done to their account.
    private func notice(
        _ kind: LetterKind, to user: User, _ call: Call<Principal, AccountChange>
    ) throws -> [SQL] {
        guard user.emailConfirmedAt != nil else { return [] }
        return try Self.posting(kind, to: user.email, user.userMetadata, call.request, call.services)
    }

    private func emailChangeAtOnce(
        _ email: EmailAddress, of user: User, _ call: Call<Principal, AccountChange>
    ) throws -> [SQL] {
        let person = call.caller.id
        let change: SQL = """
            update auth.users set email = \(email.text), email_confirmed_at = \(call.now), updated_at = \(call.now)
            where id = \(person)
            """
        let told: [SQL] =
            switch user.email {
            case email.text: []
            case .some: try notice(.emailChanged, to: user, call)
            case nil: try Self.posting(.welcome, to: email.text, user.userMetadata, call.request, call.services)
            }
        return [change, call.recording(.addressChanged, of: .person(person))] + Self.endingLinks(of: person)
            + EmailIdentity.statements(of: person, email.text, isConfirmed: true, call.now) + told
    }

    /// A member that is null is removed; the others are set.
    private static func merge(_ metadata: JSONObject, into person: ID<Person>, _ now: Date) -> SQL {
        let removed = SQLArray(metadata.filter { $0.value == .null }.map(\.key))
        return """
            update auth.users
            set raw_user_meta_data =
                    (coalesce(raw_user_meta_data, '{}') || \(JSON.object(metadata))::jsonb) - \(removed)::text[],
                updated_at = \(now)
            where id = \(person)
            """
    }
}
