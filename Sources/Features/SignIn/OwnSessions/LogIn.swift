import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    struct Login: RequestInput {
        let email: String
        let password: String
        let isRemembered: Bool
        let device: Device?

        static let input = Input<Login>(
            .text("email", 1...254, "The person's address."),
            .text("password", 1...1_000, "The password."),
            .flag("rememberMe", default: false, "Whether the session lasts 30 days, not one."),
            .object("deviceInfo", of: Device.input, "What the session runs on; else taken from User-Agent."),
            make: Login.init(email:password:isRemembered:device:)
        )
    }

    /// Signs in as `/auth/v1/token` does, for a session that ends by itself.
    func logIn(_ call: Call<Visitor, Login>) async throws -> LoginAnswer {
        let input = call.input
        let account: PasswordAccount
        do {
            account = try await passwordAccount(input.email, input.password, call)
        } catch let problem as Problem {
            throw Self.onFunctions(problem)
        }
        let refresh = RefreshToken.random()
        let life = input.isRemembered ? SessionRules.rememberedLife : SessionRules.usualLife
        let terms = SessionTerms(.password, life: life, device: input.device)
        let told = call.recording(.signedIn, of: .person(account.id), as: account.id)
        let opening = try opening(of: account.id, refresh: refresh, call, terms)
        let results = try await call.platform.batch(account.renewal + [told] + opening)
        let state = try results.lastRow(SessionState.init)
        return LoginAnswer(
            tokens: try await tokens(for: state, refresh: refresh, call.services), state: state, timestamp: call.now)
    }

    /// The same refusals, by the codes of the functions.
    private static func onFunctions(_ problem: Problem) -> Problem {
        switch problem.kind {
        case .invalidCredentials: Problem(.loginRefused)
        case .emailNotConfirmed: Problem(.loginUnconfirmed)
        case .userBanned: Problem(.loginBanned)
        default: problem
        }
    }
}

/// A session that was just opened, with its tokens.
struct LoginAnswer: Output {
    let tokens: TokenAnswer
    let state: SessionState
    let timestamp: Date

    static let shape = Shape<LoginAnswer>(
        "Login",
        [
            Member("success") { _ in true }.example(true), Member("session") { OpenedSession(answer: $0) },
            Member("message") { _ in "Login successful" }.example("Login successful"),
            Member("timestamp") { $0.timestamp },
        ])
}

struct OpenedSession: Output {
    let answer: LoginAnswer

    static let shape = Shape<OpenedSession>(
        "OpenedSession",
        [
            Member("id") { $0.answer.state.id },
            Member("accessToken") { $0.answer.tokens.accessToken }.example("eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"),
            Member("refreshToken") { $0.answer.tokens.refreshToken }.example("Zr7hX0o2mB3lq9Yd5uTnWw"),
            Member("expiresAt") { $0.answer.state.notAfter }, Member("user") { SignedInPerson(state: $0.answer.state) },
        ])
}

struct SignedInPerson: Output {
    let state: SessionState

    static let shape = Shape<SignedInPerson>(
        "SignedInPerson",
        [
            Member("id") { $0.state.user.id }, Member("email") { $0.state.user.email }.example("ada@example.com"),
            Member("name") { $0.name }.example("Ada Lovelace"),
            Member("role") { $0.state.role.guideName }.example("admin"),
        ])

    /// As the person said at sign-up.
    private var name: String? {
        let metadata = state.user.userMetadata
        return metadata["full_name"]?.string ?? metadata["name"]?.string
    }
}
