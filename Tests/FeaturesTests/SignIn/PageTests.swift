import Codecs
import Features
import Foundation
import Platform
import TestKit
import Testing

/// Pages for people: links of letters, signing in, and a forgotten password.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct PageTests {
    private static let settings = ["MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true"]

    private func send(
        _ path: String, _ fields: KeyValuePairs<String, String>, _ server: TestServer,
        headers: [(String, String)] = []
    ) async throws -> TestAnswer {
        var client = server.visitor.with("content-type", "application/x-www-form-urlencoded")
        for (name, value) in headers { client = client.with(name, value) }
        return try await client.send(.POST, path, Array(QueryString.encode(fields).utf8))
    }

    /// The path and query of a letter's link.
    private func path(_ letter: TestLetter) throws -> String {
        let link = try #require(letter.link)
        return String(link.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
    }

    @Test func `a letter's link shows a button, however often it is followed, and the button signs in once`()
        async throws
    {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "ada@example.com"])
            let letter = try await server.letter(to: "ada@example.com")
            for _ in 0..<5 {
                let page = try await server.visitor.get(path(letter))
                #expect(page.status == 200)
                #expect(page.text.contains("action=\"/account/verify\""))
                #expect(page.headers["cache-control"].first == "no-store")
            }
            let fields: KeyValuePairs = ["token": try #require(letter.token), "type": "magiclink", "redirect_to": ""]
            let done = try await send("/account/verify", fields, server)
            #expect(done.text.contains("http://localhost:3000#access_token="))
            let again = try await send("/account/verify", fields, server)
            #expect(again.text.contains("no longer works"))
        }
    }

    @Test func `a forgotten password: the letter's button, then a new password, with which the person signs in`()
        async throws
    {
        try await TestNode.serving(settings: Self.settings) { server in
            let account: KeyValuePairs = ["email": "bea@example.com", "password": "an old password"]
            #expect(try await send("/account/sign-up", account, server).text.contains("Check your email"))
            let confirmation = try await server.letter(to: "bea@example.com")
            _ = try await send(
                "/account/verify", ["token": try #require(confirmation.token), "type": "signup"], server)
            _ = try await send("/account/recover", ["email": "bea@example.com"], server)
            let letter = try await server.letter(to: "bea@example.com", after: 1)
            let page = try await send(
                "/account/verify", ["token": try #require(letter.token), "type": "recovery", "redirect_to": ""], server)
            let grant = try #require(
                page.text.split(separator: "name=\"grant\" value=\"").last?.split(separator: "\"").first.map(
                    String.init))
            let short = try await send("/account/password", ["grant": grant, "password": "short"], server)
            #expect(short.text.contains("role=\"alert\""))
            let forged = String(grant.dropLast(2)) + "xx"
            let refused = try await send("/account/password", ["grant": forged, "password": "a new password"], server)
            #expect(refused.text.contains("no longer works"))
            let set = try await send("/account/password", ["grant": grant, "password": "a new password"], server)
            #expect(set.text.contains("Your new password is saved"))
            let twice = try await send("/account/password", ["grant": grant, "password": "another password"], server)
            #expect(twice.text.contains("no longer works"))
            let old = try await send("/account/sign-in", account, server)
            #expect(old.text.contains("wrong"))
            let new = try await send(
                "/account/sign-in", ["email": "bea@example.com", "password": "a new password"], server)
            #expect(new.text.contains("#access_token="))
            let notice = try await server.letter(to: "bea@example.com", after: 2)
            #expect(notice.subject == "Your password was changed")
            #expect(notice.link?.hasSuffix("/account/recover") == true)
        }
    }

    @Test func `a form that another site sends is refused`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let fields: KeyValuePairs = ["email": "eve@example.com", "password": "whatever it is"]
            for foreign in [
                ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example"),
                ("origin", "null"),
            ] {
                let answer = try await send("/account/sign-in", fields, server, headers: [foreign])
                #expect(answer.status == 403, "\(foreign)")
            }
            let own = try await send("/account/sign-in", fields, server, headers: [("sec-fetch-site", "same-origin")])
            #expect(own.status == 200)
        }
    }

    @Test func `markup in what a person types stays text, and a page speaks their language`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let page = try await send(
                "/account/sign-in",
                ["email": "\"><script>alert(1)</script>", "password": "x", "redirect_to": "\"><b>"],
                server, headers: [("accept-language", "vi")])
            #expect(!page.text.contains("<script>"))
            #expect(!page.text.contains("<b>"))
            #expect(page.text.contains("<html lang=\"vi\">"))
            #expect(page.text.contains("Đăng nhập"))
        }
    }

    @Test func `nobody is sent where the product does not want them`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "fay@example.com"])
            let token = try #require(try await server.letter(to: "fay@example.com").token)
            let done = try await send(
                "/account/verify", ["token": token, "type": "magiclink", "redirect_to": "https://evil.example/"], server
            )
            #expect(!done.text.contains("evil.example"))
            #expect(done.text.contains("http://localhost:3000#access_token="))
        }
    }

    @Test func `a client with PKCE gets a code, which is good for it alone and once`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let verifier = String(repeating: "verifier-", count: 6)
            _ = try await server.visitor.post(
                "/auth/v1/otp",
                ["email": "gus@example.com", "code_challenge": .string(verifier), "code_challenge_method": "plain"])
            let letter = try await server.letter(to: "gus@example.com")
            let token = try #require(letter.token)
            #expect(token.hasPrefix("pkce_"))
            let done = try await send("/account/verify", ["token": token, "type": "magiclink"], server)
            #expect(!done.text.contains("access_token"))
            let code = try #require(
                done.text.split(separator: "?code=").last?.split(separator: "\"").first.map(String.init))
            func exchange(_ verifier: String) async throws -> TestAnswer {
                try await server.visitor.post(
                    "/auth/v1/token?grant_type=pkce", ["auth_code": .string(code), "code_verifier": .string(verifier)])
            }
            #expect(try await exchange(verifier).json["access_token"] != nil)
            #expect(try await exchange(verifier).json["error_code"] == "flow_state_not_found")
        }
    }
}
