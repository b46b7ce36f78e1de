import Codecs
import Crypto
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// How long what a link ended in can be exchanged.
    static let codeLife: Duration = .seconds(300)

    /// A code for the client that asked, which alone can exchange it: its session is opened then.
    static func issueCode(for flow: String, _ now: Date) -> (code: String, statement: SQL) {
        let code = Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max) })
        return (
            code,
            """
            update auth.flow_state set auth_code = \(digest(code)), auth_code_issued_at = \(now), updated_at = \(now)
            where id = \(flow)::uuid
            """
        )
    }

    private static func digest(_ code: String) -> String { Hex.encode(Array(SHA256.hash(data: Array(code.utf8)))) }

    /// `grant_type=pkce` (RFC 7636): the code, and the secret that only the asker knows, for tokens. Wrong secrets cost the
    /// code.
    func exchangeCode(_ call: Call<Visitor, Grant>) async throws -> TokenAnswer {
        guard let code = call.input.authCode, let verifier = call.input.codeVerifier else {
            throw Problem(.validationFailed, "invalid request: both auth code and code verifier should be non-empty")
        }
        let flow = try await call.platform.first(
            """
            delete from auth.flow_state f using auth.users u
            where f.auth_code = \(Self.digest(code)) and u.id = f.user_id and u.deleted_at is null
            returning f.user_id, f.code_challenge, f.code_challenge_method::text as method, f.auth_code_issued_at,
                f.authentication_method, u.banned_until
            """
        ) { row in
            Flow(
                person: try row["user_id"],
                challenge: CodeChallenge(stored: try row["code_challenge"], method: try row["method"]),
                method: SignInMethod(flow: try row["authentication_method"]), issued: try row["auth_code_issued_at"],
                bannedUntil: try row["banned_until"])
        }
        guard let flow, let challenge = flow.challenge, let issued = flow.issued else { throw Problem(.flowNotFound) }
        guard challenge.isAnswered(by: verifier) else { throw Problem(.badVerifier) }
        guard issued.addingTimeInterval(Self.codeLife.inSeconds) > call.now else { throw Problem(.flowExpired) }
        if let end = flow.bannedUntil, end > call.now { throw Problem(.userBanned) }
        let refresh = RefreshToken.random()
        let told = call.recording(.signedIn, of: .person(flow.person), as: flow.person, ["by": "code"])
        let opening = try opening(of: flow.person, refresh: refresh, call, SessionTerms(flow.method))
        let state = try await call.platform.batch([told] + opening).lastRow(SessionState.init)
        return try await tokens(for: state, refresh: refresh, call.services)
    }

    private struct Flow: Sendable {
        let person: ID<Person>
        let challenge: CodeChallenge?
        let method: SignInMethod
        let issued: Date?
        let bannedUntil: Date?
    }
}
