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
        let repeats = settings.confirmsByItself ? false : try await repeats(password, of: email, call)
        do {
            if settings.confirmsByItself { return try await signUpConfirmed(account, call) }
            return try await signUpUnconfirmed(account, repeatsPassword: repeats, call)
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            guard !settings.confirmsByItself else { throw Problem(.userExists, cause: error) }
            // Another took the address in the same moment: now it is taken, and seen to be.
            return try await signUpUnconfirmed(account, repeatsPassword: repeats, call)
        }
    }

    /// Whether nobody has confirmed the address yet, and the password is the one that it was signed up with before: whoever lost the
    /// letter asks again. As much work for any address.
    private func repeats(
        _ password: String, of email: EmailAddress, _ call: Call<Visitor, Registration>
    ) async throws -> Bool {
        let before: String?? = try await call.platform.first(
            """
            select encrypted_password from auth.users
            where email = \(email.text) and is_sso_user = false and email_confirmed_at is null and deleted_at is null
            """
        ) { try $0["encrypted_password"] }
        return try await passwords.check(password, against: before?.map(PasswordHash.init(text:))).matches
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
    private func signUpUnconfirmed(
        _ account: NewAccount, repeatsPassword: Bool, _ call: Call<Visitor, Registration>
    ) async throws -> SignedUp {
        let language = Self.language(of: .object(account.metadata), call.request)
        let letter = try post(
            LinkRequest(
                purpose: .signup, address: account.email.text, person: account.id.text, language: language.rawValue,
                redirect: settings.redirects.target(call.input.redirect, of: call.request),
                challenge: try CodeChallenge(call.input.challenge, method: call.input.challengeMethod),
                repeatsPassword: repeatsPassword), call.services)
        let read: SQL = "select \(User.columns) from auth.users u where u.id = \(account.id)"
        let told = call.recording(.signedUp, of: .person(account.id), as: account.id)
        let kept = PendingSignUp.keeping(account, at: Whereabouts(call.request))
        var user = try await call.platform.batch(account.statements(mayStandIn: true) + [kept, letter, told, read])
            .lastRow(User.init)
        user.email = account.email.text
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
    var standIn: String { id.text + Self.standInDomain }
    static let standInDomain = "@stand-in.invalid"

    var statements: [SQL] { statements(mayStandIn: false) }

    /// - Parameter mayStandIn: whether a taken address is no fault, but gets a stand-in.
    func statements(mayStandIn: Bool) -> [SQL] {
        let confirmedAt = isConfirmed ? now : nil
        let address: SQL =
            mayStandIn
            ? """
            case when exists (select 1 from auth.users where email = \(email.text) and is_sso_user = false)
                then \(standIn) else \(email.text) end
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
