import AsyncHTTPClient
import Codecs
import Features
import Platform
import TestKit
import Testing

/// GoTrue's way with links, for front ends that need it.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct VerifyOnGetTests {
    private static let settings = [
        "MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true", "MAILER_VERIFY_ON_GET": "true",
        "URI_ALLOW_LIST": "https://*.example.com/**",
    ]

    /// Where following the address leads: nobody goes there.
    private func location(_ path: String, _ server: TestServer) async throws -> String {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(configuration: configuration)
        let answer: HTTPClientResponse
        do {
            answer = try await client.execute(HTTPClientRequest(url: server.url + path), timeout: .seconds(30))
            _ = try await answer.body.collect(upTo: 65_536)
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
        #expect(answer.status == .seeOther)
        #expect(answer.headers.first(name: "cache-control")?.contains("no-store") == true)
        return try #require(answer.headers.first(name: "location"))
    }

    private func path(_ letter: TestLetter) throws -> String {
        let link = try #require(letter.link)
        return String(link.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
    }

    @Test func `following a link signs in, once, and ends where it may with the tokens behind the hash`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.visitor.post(
                "/auth/v1/otp?redirect_to=https://app.example.com/in", ["email": "ada@example.com"])
            let path = try path(try await server.letter(to: "ada@example.com"))
            let target = try await location(path, server)
            #expect(target.hasPrefix("https://app.example.com/in#access_token="))
            // Whoever comes for the first time is somebody new to the front end.
            #expect(target.contains("&type=signup"))
            let again = try await location(path, server)
            #expect(again.hasPrefix("https://app.example.com/in#error=access_denied&error_code=otp_expired&"))
            let elsewhere = try await location(
                "/auth/v1/verify?token=x&type=signup&redirect_to=https://evil.example/", server)
            #expect(elsewhere.hasPrefix("http://localhost:3000#error="))
            for broken in ["?token=x&type=nothing", "?token=x", "?token=&type=signup", ""] {
                let target = try await location("/auth/v1/verify" + broken, server)
                #expect(target.hasPrefix("http://localhost:3000#error=access_denied&error_code=validation_failed&"))
            }
        }
    }

    @Test func `a client with PKCE gets its code, and what went wrong, in the query`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let verifier = String(repeating: "verifier-", count: 6)
            _ = try await server.visitor.post(
                "/auth/v1/otp",
                ["email": "gus@example.com", "code_challenge": .string(verifier), "code_challenge_method": "plain"])
            let path = try path(try await server.letter(to: "gus@example.com"))
            let target = try await location(path, server)
            #expect(target.hasPrefix("http://localhost:3000?code="))
            #expect(!target.contains("access_token"))
            let code = String(target.drop { $0 != "=" }.dropFirst())
            let answer = try await server.visitor.post(
                "/auth/v1/token?grant_type=pkce", ["auth_code": .string(code), "code_verifier": .string(verifier)])
            #expect(answer.status == 200)
            #expect(try await location(path, server).hasPrefix("http://localhost:3000?error=access_denied&"))
        }
    }

    @Test func `the first of two addresses that agree to a change is told to wait for the other`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let service = try await server.service()
            _ = try await service.post(
                "/auth/v1/admin/users",
                ["email": "old@example.com", "password": .string(TestPerson.password), "email_confirm": true])
            let signIn = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": "old@example.com", "password": .string(TestPerson.password)])
            let access = try #require(try signIn.json["access_token"]?.string)
            _ = try await server.visitor.with("authorization", "Bearer \(access)").put(
                "/auth/v1/user", ["email": "new@example.com"])
            let first = try await location(try path(try await server.letter(to: "new@example.com")), server)
            #expect(first.hasPrefix("http://localhost:3000#message=Confirmation%20link%20accepted"))
            let agreed = try await server.letter(to: "old@example.com", of: "email_change_current")
            #expect(try await location(try path(agreed), server).contains("#access_token="))
        }
    }
}
