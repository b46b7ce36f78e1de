import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    struct Registration: RequestInput {
        let email: String?
        let phone: String?
        let password: String?
        let metadata: JSONObject?
        let challenge: String?
        let challengeMethod: String?
        let redirect: String?

        static let input = Input<Registration>(
            .optionalText("email", 0...254, "The person's address."),
            Field.optionalText("phone", upTo: 32, "Not offered.").withoutExample,
            .optionalText(
                "password", 0...1_000,
                "At least PASSWORD_MIN_LENGTH characters, at most 72 bytes, and none that others guess."),
            .object("data", maxBytes: 16_384, "The person's own metadata."),
            Field.optionalText("code_challenge", upTo: 128, "For PKCE (RFC 7636).").withoutExample,
            Field.optionalText("code_challenge_method", upTo: 10, "`s256` or `plain`.").withoutExample,
            Field.optionalText("redirect_to", upTo: 2_000, "Where the letter's link ends.").withoutExample.inQuery,
            make: Registration.init(email:phone:password:metadata:challenge:challengeMethod:redirect:)
        )
    }

    /// What a sign-up ends in.
    enum SignedUp: Answerable {
        case signedIn(TokenAnswer)
        /// Until the letter is answered.
        case unconfirmed(User)

        var answer: Answer {
            switch self {
            case .signedIn(let tokens): Answer(tokens)
            case .unconfirmed(let user): Answer(user)
            }
        }

        static var success: Success? { .json(.either([TokenAnswer.memberType, User.memberType])) }
    }

    /// Makes an account, its personal organization and, where addresses confirm themselves, its first session: one
    /// transaction and one round trip. A known address is told so only where that reveals nothing more than the
    /// sign-in itself would; elsewhere the answer looks like a new account's, after the same work.
    func signUp(_ call: Call<Visitor, Registration>) async throws -> SignedUp {
        guard settings.allowsSignUp else { throw Problem(.signupDisabled) }
        guard call.input.phone == nil else { throw Problem(.phoneDisabled) }
        // An empty form is a mistake, not the wish to be nobody.
        if call.input.email == nil, (call.input.password ?? "").isEmpty { return try await signUpAnonymously(call) }
        guard let password = call.input.password else {
            throw Problem(.validationFailed, "Signup requires a valid password")
        }
        let email = try EmailAddress(call.input.email ?? "")
        let owner = PasswordOwner(addresses: [email.text], metadata: [call.input.metadata])
        let hash = try await passwords.hash(try await passwordRule.admit(password, for: owner, call.services))
        let account = NewAccount(
            email: email, hash: hash, metadata: call.input.metadata ?? [:], now: call.now,
            isConfirmed: settings.confirmsByItself)
        do {
            if settings.confirmsByItself { return try await signUpConfirmed(account, call) }
            return try await signUpUnconfirmed(account, password, call)
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            guard !settings.confirmsByItself else { throw Problem(.userExists, cause: error) }
            // Another took the address in the same moment: now it is taken, and seen to be.
            return try await signUpUnconfirmed(account, password, call)
        }
    }

    private func signUpConfirmed(_ account: NewAccount, _ call: Call<Visitor, Registration>) async throws -> SignedUp {
        let refresh = RefreshToken.random()
        let welcome = try Self.posting(
            .welcome, to: account.email.text, .object(account.metadata), call.request, call.services)
        let opening = try opening(of: account.id, refresh: refresh, call, SessionTerms(.password))
        let told = call.recording(.signedUp, of: .person(account.id), as: account.id)
        let results = try await call.platform.batch(account.statements + [told] + welcome + opening)
        let state = try results.lastRow(SessionState.init)
        return .signedIn(try await tokens(for: state, refresh: refresh, call.services))
    }

    /// The same work for any address, so that neither the answer nor its time tells whether somebody has it: a taken one is
    /// given a stand-in, whose account the letter's job takes away again; it writes to the address's owner instead.
    ///
    /// Whoever lost the letter signs up again. That is known by the password, which is checked once the account, or what stands in for
    /// it, is there: so also of two who sign up at once.
    private func signUpUnconfirmed(
        _ account: NewAccount, _ password: String, _ call: Call<Visitor, Registration>
    ) async throws -> SignedUp {
        let challenge = try CodeChallenge(call.input.challenge, method: call.input.challengeMethod)
        let told = call.recording(.signedUp, of: .person(account.id), as: account.id)
        let kept = PendingSignUp.keeping(account, at: Whereabouts(call.request))
        let before: SQL = """
            select encrypted_password from auth.users u
            where \(account.other) and u.email_confirmed_at is null and encrypted_password is not null
            """
        let read: SQL = "select \(User.columns) from auth.users u where u.id = \(account.id)"
        let results = try await call.platform.batch(account.statements(mayStandIn: true) + [kept, told, before, read])
        var user = try results.lastRow(User.init)
        user.email = account.email.text
        let other = try results[results.count - 2].map { try PasswordHash(text: $0["encrypted_password"]) }.first
        let repeats = try await passwords.check(password, against: other).matches
        let request = LinkRequest(
            purpose: .signup, address: account.email.text, person: account.id.text,
            language: Self.language(of: .object(account.metadata), call.request).rawValue,
            redirect: settings.redirects.target(call.input.redirect, of: call.request), challenge: challenge,
            repeatsPassword: repeats)
        // Not only when the job comes to it: what was sent for the one before must not confirm their password meanwhile.
        let doubt: SQL = """
            update auth.users u set encrypted_password = null
            where \(!repeats) and \(account.other) and u.email_confirmed_at is null and \(NewAccount.isSignedUp)
            """
        _ = try await call.platform.batch([doubt, try post(request, call.services)])
        return .unconfirmed(user)
    }
}

/// An account that is about to be made.
struct NewAccount: Sendable {
    let id = ID<Person>()
    let email: EmailAddress
    /// Nil: signs in by links alone.
    let hash: PasswordHash?
    let metadata: JSONObject
    let now: Date
    let isConfirmed: Bool

    static let appMetadata: JSON = ["provider": "email", "providers": ["email"]]

    private var identityData: JSON {
        var data = metadata
        data["sub"] = .string(id.text)
        data["email"] = .string(email.text)
        data["email_verified"] = .bool(false)
        data["phone_verified"] = .bool(false)
        return .object(data)
    }

    /// What a taken address is called for the moment that its account exists: of a domain that is nobody's (RFC 2606).
    static func standIn(for id: ID<Person>) -> String { "\(id.text)@\(standInDomain)" }
    static let standInDomain = "stand-in.invalid"

    /// Of `auth.users u`: whoever else has the address.
    fileprivate var other: SQL {
        "u.email = \(email.text) and u.is_sso_user = false and u.deleted_at is null and u.id <> \(id)"
    }

    /// Of `auth.users u`: somebody signed up, and no operator made or invited them.
    static let isSignedUp: SQL = "(u.confirmation_sent_at is not null and u.invited_at is null)"

    var statements: [SQL] { statements(mayStandIn: false) }

    /// - Parameter mayStandIn: whether a taken address is no fault, but gets a stand-in.
    func statements(mayStandIn: Bool) -> [SQL] {
        let confirmedAt = isConfirmed ? now : nil
        let address: SQL =
            mayStandIn
            ? """
            case when exists (select 1 from auth.users where email = \(email.text) and is_sso_user = false)
                then \(Self.standIn(for: id)) else \(email.text) end
            """ : "\(email.text)"
        return [
            """
            insert into auth.users (
                instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_sent_at,
                raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
            values (
                '00000000-0000-0000-0000-000000000000', \(id), 'authenticated', 'authenticated', \(address),
                \(hash?.text), \(confirmedAt), \(mayStandIn ? now : nil), \(Self.appMetadata),
                \(JSON.object(metadata)), \(now), \(now))
            """,
            """
            insert into auth.identities (
                provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
            values (\(id.text), \(id), \(identityData), 'email', \(now), \(now), \(now))
            """,
        ]
    }
}

extension [ResultSet] {
    /// The first row of the last answer.
    func lastRow<Value>(_ make: (Row) throws -> Value) throws -> Value {
        guard let result = last, result.count > 0 else { throw DatabaseError.noRow }
        return try make(result[0])
    }
}
