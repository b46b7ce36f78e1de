import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
            .optionalText("email", 1...254, "For `password`."),
            Field.optionalText("phone", 1...32, "Not offered.").withoutExample,
            .optionalText("password", 0...1_000, "For `password`."),
            Field.optionalText("refresh_token", 1...1_000, "For `refresh_token`.").withoutExample,
            Field.optionalText("auth_code", 1...200, "For `pkce`: what the link ended in.").withoutExample,
            Field.optionalText("code_verifier", 1...200, "For `pkce`: the secret behind the challenge.").withoutExample,
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

    /// An unknown address costs the same work as a wrong password, gets the same answer, and is blocked as a known one.
    private func signIn(_ call: Call<Visitor, Grant>) async throws -> TokenAnswer {
        guard call.input.phone == nil else { throw Problem(.phoneDisabled) }
        guard let email = call.input.email, let password = call.input.password else {
            throw Problem(.validationFailed, "missing email or password")
        }
        // What cannot be an address is no account, and takes as long as any other.
        let address: String
        do { address = try EmailAddress(email).text } catch { address = "" }
        return try await call.attempt(on: address) { try await signIn(address, password, call) }
    }

    private func signIn(_ email: String, _ password: String, _ call: Call<Visitor, Grant>) async throws -> TokenAnswer {
        let account = try await account(of: email, call.services)
        let matches = try await passwords.check(password, against: account?.hash)
        guard matches, let account else {
            call.emit(.signInFailed)
            throw Problem(.invalidCredentials)
        }
        if let until = account.bannedUntil, until > call.now { throw Problem(.userBanned) }
        guard account.isConfirmed else { throw Problem(.emailNotConfirmed) }
        let refresh = RefreshToken.random()
        let results = try await call.platform.batch(opening(of: account.id, refresh: refresh, call))
        call.emit(.signedIn, ["person": account.id.text])
        return try await tokens(for: results.lastRow(SessionState.init), refresh: refresh, call.services)
    }

    private struct Account: Sendable {
        let id: ID<Person>
        let hash: PasswordHash?
        let isConfirmed: Bool
        let bannedUntil: Date?
    }

    private func account(of email: String, _ services: Services) async throws -> Account? {
        try await services.platform.first(
            """
            select id, encrypted_password, email_confirmed_at is not null as is_confirmed, banned_until
            from auth.users
            where email = \(email) and is_sso_user = false and deleted_at is null
            """
        ) { row in
            let hash: String? = try row["encrypted_password"]
            return Account(
                id: try row["id"], hash: hash.map(PasswordHash.init(text:)), isConfirmed: try row["is_confirmed"],
                bannedUntil: try row["banned_until"])
        }
    }
}
