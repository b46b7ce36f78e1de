import Platform
import Postgres

extension SignIn {
    struct Grant: RequestInput {
        let type: String
        let email: String?
        let phone: String?
        let password: String?
        let refreshToken: String?
        let authCode: String?
        let codeVerifier: String?

        static let input = Input<Grant>(
            Field.text("grant_type", 1...100, "`password`, `refresh_token` or `pkce`.").example("password").inQuery,
            .optionalText("email", upTo: 254, "For `password`."),
            Field.optionalText("phone", upTo: 32, "Not offered.").withoutExample,
            .optionalText("password", 0...1_000, "For `password`."),
            Field.optionalText("refresh_token", upTo: 1_000, "For `refresh_token`.").withoutExample,
            Field.optionalText("auth_code", upTo: 200, "For `pkce`: what the link ended in.").withoutExample,
            Field.optionalText("code_verifier", upTo: 200, "For `pkce`: the secret behind the challenge.")
                .withoutExample,
            make: Grant.init(type:email:phone:password:refreshToken:authCode:codeVerifier:)
        )
    }

    func token(_ call: Call<Visitor, Grant>) async throws -> TokenAnswer {
        switch call.input.type {
        case "password": return try await signIn(call)
        case "refresh_token": return try await refresh(call)
        case "pkce": return try await exchangeCode(call)
        default: throw Problem(.unsupportedGrant)
        }
    }

    private func signIn(_ call: Call<Visitor, Grant>) async throws -> TokenAnswer {
        guard call.input.phone == nil else { throw Problem(.phoneDisabled) }
        guard let email = call.input.email, let password = call.input.password else {
            throw Problem(.validationFailed, "missing email or password")
        }
        let account = try await passwordAccount(email, password, call)
        let refresh = RefreshToken.random()
        let told = call.recording(.signedIn, of: .person(account.id), as: account.id)
        let opening = try opening(of: account.id, refresh: refresh, call, SessionTerms(.password))
        let results = try await call.platform.batch(account.renewal + [told] + opening)
        let state = try results.lastRow(SessionState.init)
        var answer = try await tokens(for: state, refresh: refresh, call.services)
        answer.weakness = passwordRule.weakness(of: password, for: PasswordOwner(state.user), call.services)
        return answer
    }
}
