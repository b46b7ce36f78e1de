import Codecs
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// GoTrue's answer to a sign-in: both tokens and the person.
struct TokenAnswer: Output {
    let accessToken: String
    let expiresInSeconds: Int
    let expiresAt: Int
    let refreshToken: String
    let user: User
    /// Of the password that somebody has signed in with.
    var weakness: PasswordWeakness?

    static let shape = Shape<TokenAnswer>(
        "AccessTokenResponse",
        [
            Member("access_token") { $0.accessToken }.example("eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"),
            Member("token_type") { _ in "bearer" }.example("bearer"),
            Member("expires_in") { $0.expiresInSeconds }.example(604_800),
            Member("expires_at") { $0.expiresAt }.example(1_772_962_200),
            Member("refresh_token") { $0.refreshToken }.example("Zr7hX0o2mB3lq9Yd5uTnWw"),
            Member("user") { $0.user },
            .optional("weak_password") { $0.weakness },
        ])
}

extension SignIn {
    /// `aud` of persons' tokens, by GoTrue's name.
    static let audience = "authenticated"

    /// Signs an access token for the session as it is now.
    ///
    /// - Parameter claims: those of a session that goes on, customized; nil: it was just opened.
    func tokens(
        for state: SessionState, refresh: RefreshToken, _ services: Services, claims: JSONObject? = nil
    ) async throws -> TokenAnswer {
        // Those that a sign-in has just ended are forgotten here at once.
        if settings.sessions.isSinglePerUser { sessions.forget(state.user.id) }
        let claims =
            if let claims { claims } else {
                try await customizedOrEnded(self.claims(of: state, at: services.clock.now()), of: state, services)
            }
        let (issued, expires) = (claims["iat"]?.int ?? 0, claims["exp"]?.int ?? 0)
        return TokenAnswer(
            accessToken: try await signed(claims, services), expiresInSeconds: expires - issued,
            expiresAt: expires, refreshToken: refresh.text, user: state.user)
    }

    /// What the server itself says of the session. Its end is never later than the session's.
    func claims(of state: SessionState, at now: Date) -> JSONObject {
        let longest = min(settings.accessTokenLife, settings.sessions.inactivity ?? settings.accessTokenLife)
        let life = now.addingTimeInterval(longest.inSeconds)
        let end = min(life, state.notAfter ?? life)
        let issued = Int(now.timeIntervalSince1970)
        let expires = Int(end.timeIntervalSince1970)
        return [
            "iss": .string(settings.issuer),
            "sub": .string(state.user.id.text),
            "aud": .string(Self.audience),
            "exp": JSON(expires),
            "iat": JSON(issued),
            "email": .string(state.user.email ?? ""),
            "phone": .string(state.user.phone ?? ""),
            "app_metadata": state.user.appMetadata,
            "user_metadata": state.user.userMetadata,
            "role": "authenticated",
            "aal": "aal1",
            "amr": .array(state.methods.map(\.claim)),
            "session_id": .string(state.id.text),
            "is_anonymous": .bool(state.user.isAnonymous),
            "org_id": .string(state.organization.text),
            "org_role": .string(state.role.rawValue),
        ]
    }

    /// By the pair in use, as this node knows it; a key that cannot be opened here is an outage, told as one.
    private func signed(_ claims: JSONObject, _ services: Services) async throws -> String {
        try await signingKeys.prepare(services)
        do {
            return try await services.tokens.signPersonal(claims)
        } catch let refusal as SealRefusal {
            throw Problem(.unavailable, cause: refusal)
        }
    }
}
