import Codecs
import Features
import Platform
import TestKit
import Testing

/// What access tokens say of how their person came in.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SignInMethodTests {
    private static let settings = [
        "MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true", "EXTERNAL_ANONYMOUS_USERS_ENABLED": "true",
    ]

    private func methods(_ answer: TestAnswer) throws -> [String] {
        let token = try #require(try answer.json["access_token"]?.string, "\(answer.text)")
        let claims = try JSON(parsing: try #require(Base64URL.decode(token.split(separator: ".")[1])))
        return (claims["amr"]?.array ?? []).compactMap { $0["method"]?.string }
    }

    private func refreshed(_ answer: TestAnswer, _ server: TestServer) async throws -> TestAnswer {
        let refresh = try #require(try answer.json["refresh_token"])
        return try await server.visitor.post("/auth/v1/token?grant_type=refresh_token", ["refresh_token": refresh])
    }

    @Test func `a link and a code are told from a password, also after refreshes`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let account: JSON = ["email": "ada@example.com", "password": .string(TestPerson.password)]
            _ = try await server.visitor.post("/auth/v1/signup", account)
            let letter = try await server.letter(to: "ada@example.com")
            let byCode = try await server.visitor.post(
                "/auth/v1/verify",
                ["type": "signup", "email": "ada@example.com", "token": .string(try #require(letter.code))])
            #expect(try methods(byCode) == ["otp"])
            let byPassword = try await server.visitor.post("/auth/v1/token?grant_type=password", account)
            #expect(try methods(byPassword) == ["password"])
            _ = try await server.visitor.post("/auth/v1/recover", ["email": "ada@example.com"])
            let recovery = try await server.letter(to: "ada@example.com", after: 1)
            var answer = try await server.visitor.post(
                "/auth/v1/verify", ["type": "recovery", "token_hash": .string(try #require(recovery.token))])
            for _ in 0..<3 {
                #expect(try methods(answer) == ["otp"])
                answer = try await refreshed(answer, server)
            }
            #expect(try methods(try await refreshed(byPassword, server)) == ["password"])
            let anonymous = try await server.visitor.post("/auth/v1/signup", [:])
            #expect(try methods(try await refreshed(anonymous, server)) == ["anonymous"])
        }
    }

    @Test(arguments: [("otp", "magiclink"), ("recover", "recovery")])
    func `a client's code says what its letter was for`(_ path: String, _ method: String) async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.service().post(
                "/auth/v1/admin/users", ["email": "bea@example.com", "email_confirm": true])
            let verifier = String(repeating: "verifier-", count: 6)
            _ = try await server.visitor.post(
                "/auth/v1/" + path,
                ["email": "bea@example.com", "code_challenge": .string(verifier), "code_challenge_method": "plain"])
            let token = try #require(try await server.letter(to: "bea@example.com").token)
            let form = QueryString.encode(["token": token, "type": method])
            let page = try await server.visitor.with("content-type", "application/x-www-form-urlencoded").send(
                .POST, "/account/verify", Array(form.utf8))
            let code = try #require(page.text.split(separator: "?code=").last?.split(separator: "\"").first)
            let answer = try await server.visitor.post(
                "/auth/v1/token?grant_type=pkce",
                ["auth_code": .string(String(code)), "code_verifier": .string(verifier)])
            #expect(try methods(answer) == [method])
            #expect(try methods(try await refreshed(answer, server)) == [method])
        }
    }

    @Test func `a session from before methods were written down goes on as it was`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            try await server.node.services.platform.run("delete from auth.mfa_amr_claims")
            let answer = try await server.visitor.post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
            #expect(try methods(answer) == ["password"])
        }
    }
}
