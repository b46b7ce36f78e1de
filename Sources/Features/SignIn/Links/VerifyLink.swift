import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    struct Proof: RequestInput {
        let type: String
        let token: String?
        let tokenHash: String?
        let email: String?
        let phone: String?
        let redirect: String?

        static let input = Input<Proof>(
            Field.text("type", 1...30, "`signup`, `invite`, `magiclink`, `recovery`, `email` or `email_change`.")
                .example("email"),
            .optionalText("token", upTo: 100, "The code of the letter, with `email`."),
            Field.optionalText("token_hash", upTo: 100, "What the link carries, instead of code and address.")
                .withoutExample,
            .optionalText("email", upTo: 254, "The address that the code was sent to."),
            Field.optionalText("phone", upTo: 32, "Not offered.").withoutExample,
            Field.optionalText("redirect_to", upTo: 2_000, "Not needed here.").withoutExample,
            make: Proof.init(type:token:tokenHash:email:phone:redirect:)
        )
    }

    /// Uses up a link or a code, and signs in: what GoTrue's clients call `verifyOtp`.
    func verify(_ call: Call<Visitor, Proof>) async throws -> Answer {
        guard call.input.phone == nil, !["sms", "phone_change"].contains(call.input.type) else {
            throw Problem(.phoneDisabled)
        }
        let refresh = RefreshToken.random()
        let proof = try LinkProof(call.input)
        // A link cannot be guessed. Codes can, wherever the guesses come from, and by a new code after every five.
        if case .code(_, let address, _) = proof, try await !call.mayTry(address) { throw Problem(.rateLimited) }
        switch try await use(proof, by: .client, refresh, call) {
        case .refused(let kind): throw Problem(kind)
        case .halfAgreed(let address): return HalfAgreed(address: address, at: call.now).answer
        case .signedIn(let state, _): return Answer(try await tokens(for: state, refresh: refresh, call.services))
        }
    }

    /// Who uses a link.
    enum LinkUser: Sendable {
        /// A program, which gets the tokens.
        case client
        /// Whoever followed it: where a client has asked with PKCE, it gets a code, and opens a session of its own by that.
        case browser
    }

    /// What became of a link.
    enum LinkOutcome: Sendable {
        case refused(ProblemKind)
        /// One of two addresses has agreed: this one.
        case halfAgreed(String)
        /// The session, and the flow of the client that asked, if it has one.
        case signedIn(SessionState, flow: String?)
    }

    /// One transaction: of two who use the same link at once, one has it.
    func use<Input>(
        _ proof: LinkProof, by user: LinkUser, _ refresh: RefreshToken, _ call: Call<Visitor, Input>
    ) async throws -> LinkOutcome {
        let now = call.now
        let outcome: LinkOutcome
        do {
            outcome = try await call.platform.transaction { transaction in
                guard let used = try await proof.use(linkKeys, transaction, now: now) else {
                    if case .code = proof { call.emit(.signInFailed, ["by": "code"]) }
                    return .refused(.linkExpired)
                }
                if let end = used.bannedUntil, end > now { return .refused(.userBanned) }
                if used.tokenType.hasPrefix("email_change") {
                    switch try await changeAddress(used, transaction, call) {
                    case .stale: return .refused(.linkExpired)
                    case .half: return .halfAgreed(used.recipient)
                    case .whole: break
                    }
                    try await transaction.run(
                        call.recording(.addressChanged, of: .person(used.person), as: used.person))
                } else {
                    for statement in try confirming(used, call) { try await transaction.run(statement) }
                }
                // Where the client opens a session of its own, this one is gone in a moment.
                let isPassing = user == .browser && used.flow != nil
                return try await enter(used, SessionTerms(.otp, isPassing: isPassing), refresh, transaction, call)
            }
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            // Somebody else took the address in the meantime.
            return .refused(.emailExists)
        }
        if case .signedIn(let state, _) = outcome {
            await forget(state.user.id, call.services)
        }
        return outcome
    }

    private func enter<Input>(
        _ used: UsedLink, _ terms: SessionTerms, _ refresh: RefreshToken, _ transaction: Transaction,
        _ call: Call<Visitor, Input>
    ) async throws -> LinkOutcome {
        let told = call.recording(.signedIn, of: .person(used.person), as: used.person, ["by": "link"])
        var statements = try [told] + opening(of: used.person, refresh: refresh, call, terms)
        guard let last = statements.popLast() else { return .refused(.linkExpired) }
        for statement in statements { try await transaction.run(statement) }
        return .signedIn(try await transaction.one(last, SessionState.init), flow: used.flow)
    }

    /// The address is shown to be theirs. Whoever signed up with it before, and set a password, may have been somebody else:
    /// unless this is the letter of that very sign-up, their password ends.
    private func confirming<Input>(_ used: UsedLink, _ call: Call<Visitor, Input>) throws -> [SQL] {
        guard !used.wasConfirmed else { return [] }
        let now = call.now
        let keepsPassword = used.tokenType == "confirmation_token"
        return [
            """
            update auth.users set
                email_confirmed_at = \(now), updated_at = \(now),
                encrypted_password = case when \(keepsPassword) then encrypted_password end
            where id = \(used.person)
            """,
            """
            update auth.identities
            set identity_data = identity_data || '{"email_verified": true}', updated_at = \(now)
            where user_id = \(used.person) and provider = 'email'
            """,
            PendingSignUp.forgetting(used.address ?? ""),
            call.recording(.addressConfirmed, of: .person(used.person), as: used.person),
        ] + (try Self.posting(.welcome, to: used.address, used.metadata, call.request, call.services))
    }
}

/// How somebody shows that a letter reached them.
enum LinkProof: Sendable {
    case link(String, types: [String])
    case code(String, address: String, types: [String])

    init(_ input: SignIn.Proof) throws(Problem) {
        guard let types = LinkPurpose.tokenTypes(of: input.type) else {
            throw Problem(.validationFailed, "Verify requires a verification type")
        }
        switch (input.tokenHash, input.token, input.email) {
        case (let hash?, nil, nil): self = .link(hash, types: types)
        case (nil, let code?, let email?): self = .code(code, address: try EmailAddress(email).text, types: types)
        default:
            throw Problem(.validationFailed, "Only an email address and token, or a token_hash, should be provided")
        }
    }

    func use(_ keys: LinkKeys, _ transaction: Transaction, now: Date) async throws -> UsedLink? {
        switch self {
        case .link(let token, let types):
            try await UsedLink.use(token: token, types: types, transaction, now: now)
        case .code(let code, let address, let types):
            try await UsedLink.use(code: code, for: address, types: types, keys, transaction, now: now)
        }
    }
}

/// The first of two addresses has agreed to a change: GoTrue's sentence, and beside it a person without any more than the
/// address, since some of its clients look for one. Whose account it is, its present address has yet to allow to be told.
struct HalfAgreed: Answerable {
    let address: String
    let now: Date

    init(address: String, at now: Date) {
        self.address = address
        self.now = now
    }

    static let sentence = "Confirmation link accepted. Please proceed to confirm link sent to the other email"

    static var success: Success? { .json(memberType) }

    static var memberType: MemberType {
        .record(
            "HalfAgreed",
            User.members + [("code", .string.example("200")), ("msg", .string.example(.string(sentence)))])
    }

    var answer: Answer {
        var object = User(nobodyAt: address, now).json
        object["code"] = "200"
        object["msg"] = .string(Self.sentence)
        return Answer(JSON.object(object))
    }
}
