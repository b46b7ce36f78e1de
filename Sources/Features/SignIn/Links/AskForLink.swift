import Codecs
import HTTPTypes
import Platform
import Postgres

extension SignIn {
    struct LinkWish: RequestInput {
        let email: String?
        let phone: String?
        let makesAccount: Bool
        let metadata: JSONObject?
        let challenge: String?
        let challengeMethod: String?
        let redirect: String?

        static let input = Input<LinkWish>(
            .optionalText("email", upTo: 254, "The person's address."),
            Field.optionalText("phone", upTo: 32, "Not offered.").withoutExample,
            .flag("create_user", default: true, "Whether an address that nobody has gets an account."),
            .object("data", maxBytes: 16_384, "The new account's own metadata."),
            Field.optionalText("code_challenge", upTo: 128, "For PKCE (RFC 7636).").withoutExample,
            Field.optionalText("code_challenge_method", upTo: 10, "`s256` or `plain`.").withoutExample,
            Field.optionalText("redirect_to", upTo: 2_000, "Where the link ends; APP_URL unless URI_ALLOW_LIST has it.")
                .inQuery,
            make: LinkWish.init(email:phone:makesAccount:metadata:challenge:challengeMethod:redirect:)
        )
    }

    /// A link and a code to sign in with, for an account or a new one.
    func askForMagicLink(_ call: Call<Visitor, LinkWish>) async throws -> Emptiness {
        guard call.input.phone == nil else { throw Problem(.phoneDisabled) }
        return try await ask(.magiclink, call, makesAccount: call.input.makesAccount && settings.allowsSignUp)
    }

    /// A link and a code to set a new password with.
    func askForRecovery(_ call: Call<Visitor, LinkWish>) async throws -> Emptiness {
        try await ask(.recovery, call, makesAccount: false)
    }

    /// Writes down what is asked, and looks nobody up: status, body and time are the same for any address.
    private func ask(
        _ purpose: LinkPurpose, _ call: Call<Visitor, LinkWish>, makesAccount: Bool
    ) async throws -> Emptiness {
        guard call.services.mail.isOn else { throw Problem(.emailDisabled) }
        let input = call.input
        let address = try EmailAddress(input.email ?? "").text
        let language = Self.language(of: input.metadata.map(JSON.object), call.request)
        var request = LinkRequest(
            purpose: purpose, address: address, language: language.rawValue,
            redirect: settings.redirects.target(input.redirect, of: call.request),
            challenge: try CodeChallenge(input.challenge, method: input.challengeMethod))
        if makesAccount {
            request.makesAccount = true
            request.metadata = input.metadata.map {
                String(decoding: JSONWriter.bytes(of: JSON.object($0)), as: UTF8.self)
            }
        }
        _ = try await call.platform.batch([try post(request, call.services)])
        return Emptiness()
    }

    struct Again: RequestInput {
        let type: String
        let email: String?
        let phone: String?
        let challenge: String?
        let challengeMethod: String?
        let redirect: String?

        static let input = Input<Again>(
            Field.choice("type", ["signup", "email_change", "sms", "phone_change"], "Which letter.").example("signup"),
            .optionalText("email", upTo: 254, "The person's address."),
            Field.optionalText("phone", upTo: 32, "Not offered.").withoutExample,
            Field.optionalText("code_challenge", upTo: 128, "For PKCE (RFC 7636).").withoutExample,
            Field.optionalText("code_challenge_method", upTo: 10, "`s256` or `plain`.").withoutExample,
            Field.optionalText("redirect_to", upTo: 2_000, "Where the link ends.").inQuery,
            make: Again.init(type:email:phone:challenge:challengeMethod:redirect:)
        )
    }

    /// The letter of a sign-up or of a change of address once more, with a new link.
    func resend(_ call: Call<Visitor, Again>) async throws -> Emptiness {
        guard call.input.phone == nil, ["signup", "email_change"].contains(call.input.type) else {
            throw Problem(.phoneDisabled)
        }
        guard call.services.mail.isOn else { throw Problem(.emailDisabled) }
        let request = LinkRequest(
            purpose: call.input.type == "signup" ? .signup : .emailChange,
            address: try EmailAddress(call.input.email ?? "").text,
            language: Self.language(of: nil, call.request).rawValue,
            redirect: settings.redirects.target(call.input.redirect, of: call.request),
            challenge: try CodeChallenge(call.input.challenge, method: call.input.challengeMethod))
        _ = try await call.platform.batch([try post(request, call.services)])
        return Emptiness()
    }

    /// A code to the person's own address, which shows that whoever sits there reads their mail.
    func reauthenticate(_ call: Call<Principal, NoInput>) async throws -> Emptiness {
        guard call.services.mail.isOn else { throw Problem(.emailDisabled) }
        guard let state = try await sessions.state(of: call.caller.session, person: call.caller.id, call.services)
        else { throw Problem(.sessionEnded) }
        guard let address = state.user.email, state.user.emailConfirmedAt != nil else {
            throw Problem(.emailNotConfirmed)
        }
        let request = LinkRequest(
            purpose: .reauthentication, address: address, person: call.caller.id.text,
            language: Self.language(of: state.user.userMetadata, call.request).rawValue,
            redirect: settings.redirects.site)
        _ = try await call.platform.batch([try post(request, call.services)])
        return Emptiness()
    }
}

/// `{}`: GoTrue's answer where there is nothing to say.
struct Emptiness: Output {
    static let shape = Shape<Emptiness>("Nothing", [])
}
