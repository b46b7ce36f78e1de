import Codecs
import Features
import Foundation
import Platform
import TestKit
import Testing

/// Links and codes in letters.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct LinkTests {
    private static let settings = ["MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true"]
    private let password = TestPerson.password

    private func signUp(_ email: String, _ server: TestServer) async throws -> TestAnswer {
        try await server.visitor.post("/auth/v1/signup", ["email": .string(email), "password": .string(password)])
    }

    private func verify(_ body: JSON, _ server: TestServer) async throws -> TestAnswer {
        try await server.visitor.post("/auth/v1/verify", body)
    }

    private func signIn(_ email: String, _ server: TestServer) async throws -> TestAnswer {
        try await server.visitor.post(
            "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(password)])
    }

    @Test func `a new address signs in once its code was typed, and the code works once`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            #expect(try await signUp("ada@example.com", server).json["access_token"] == nil)
            #expect(try await signIn("ada@example.com", server).json["error_code"] == "email_not_confirmed")
            let letter = try await server.letter(to: "ada@example.com")
            let proof: JSON = [
                "type": "signup", "email": "ada@example.com", "token": .string(try #require(letter.code)),
            ]
            let answer = try await verify(proof, server)
            #expect(answer.status == 200)
            #expect(try answer.json["user"]?["email_confirmed_at"]?.string != nil)
            let again = try await verify(proof, server)
            #expect(again.status == 403)
            #expect(try again.json["error_code"] == "otp_expired")
            #expect(try await signIn("ada@example.com", server).status == 200)
        }
    }

    @Test func `a link works once, though two follow it at the same time`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "bea@example.com"])
            let token = try #require(try await server.letter(to: "bea@example.com").token)
            let proof: JSON = ["type": "magiclink", "token_hash": .string(token)]
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await self.verify(proof, server).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 403 }.count == 7)
        }
    }

    @Test func `five wrong codes end a token, and its right one with it`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "cleo@example.com"])
            let letter = try await server.letter(to: "cleo@example.com")
            let code = try #require(letter.code)
            let wrong = code == "000000" ? "000001" : "000000"
            func proof(_ code: String) -> JSON {
                ["type": "email", "email": "cleo@example.com", "token": .string(code)]
            }
            for _ in 0..<5 { #expect(try await verify(proof(wrong), server).status == 403) }
            #expect(try await verify(proof(code), server).status == 403)
            // The link is no guess.
            let link: JSON = ["type": "email", "token_hash": .string(try #require(letter.token))]
            #expect(try await verify(link, server).status == 200)
        }
    }

    @Test func `a code is good for its own address and purpose alone, and not after its hour`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: Self.settings, clock: clock.wall) { server in
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "dora@example.com"])
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "eve@example.com"])
            let code = try #require(try await server.letter(to: "dora@example.com").code)
            _ = try await server.letter(to: "eve@example.com")
            let others: JSON = ["type": "email", "email": "eve@example.com", "token": .string(code)]
            #expect(try await verify(others, server).status == 403)
            let otherPurpose: JSON = ["type": "email_change", "email": "dora@example.com", "token": .string(code)]
            #expect(try await verify(otherPurpose, server).status == 403)
            clock.advance(by: .seconds(3_601))
            let late: JSON = ["type": "email", "email": "dora@example.com", "token": .string(code)]
            #expect(try await verify(late, server).status == 403)
        }
    }

    @Test func `asking for a letter tells nobody whether an address is known`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await signUp("known@example.com", server)
            let first = try #require(try await server.letter(to: "known@example.com").token)
            #expect(try await verify(["type": "signup", "token_hash": .string(first)], server).status == 200)
            for path in ["recover", "magiclink", "otp"] {
                let body: JSON = ["email": "known@example.com", "create_user": false]
                let known = try await server.visitor.post("/auth/v1/\(path)", body)
                let unknown = try await server.visitor.post(
                    "/auth/v1/\(path)", ["email": "unknown@example.com", "create_user": false])
                #expect(known.status == 200)
                #expect(known.status == unknown.status)
                #expect(known.text == unknown.text)
            }
            try await server.untilIdle()
            #expect(try await server.letters(to: "unknown@example.com").isEmpty)
            let before = try await server.letters(to: "known@example.com").count
            #expect(try await signUp("known@example.com", server).json["access_token"] == nil)
            let told = try await server.letter(to: "known@example.com", after: before)
            #expect(told.subject == "You already have an account")
            #expect(told.code == nil)
        }
    }

    @Test func `who set a password on another's address before them has it no more`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            // A stranger signs up with an address that is not theirs, and its owner signs in by a link.
            _ = try await signUp("owner@example.com", server)
            _ = try await server.letter(to: "owner@example.com")
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "owner@example.com"])
            let token = try #require(try await server.letter(to: "owner@example.com", after: 1).token)
            #expect(try await verify(["type": "magiclink", "token_hash": .string(token)], server).status == 200)
            #expect(try await signIn("owner@example.com", server).json["error_code"] == "invalid_credentials")
        }
    }

    @Test func `a letter is in the person's language, and its link ends where it may`() async throws {
        let settings = Self.settings.merging(["URI_ALLOW_LIST": "https://*.example.com/**"]) { $1 }
        try await TestNode.serving(settings: settings) { server in
            let german = server.visitor.with("accept-language", "fr;q=0.3, de-AT, en;q=0.8")
            _ = try await german.post("/auth/v1/otp?redirect_to=https://app.example.com/x", ["email": "f@example.com"])
            let letter = try await server.letter(to: "f@example.com")
            #expect(letter.subject == "Dein Link zum Anmelden")
            #expect(letter.html.contains("lang=\"de\""))
            #expect(letter.redirect == "https%3A%2F%2Fapp.example.com%2Fx")
            _ = try await german.post("/auth/v1/otp?redirect_to=https://evil.com/", ["email": "g@example.com"])
            #expect(try await server.letter(to: "g@example.com").redirect == "http%3A%2F%2Flocalhost%3A3000")
            let own = try #require(letter.link?.components(separatedBy: "/auth/").first)
            // Some clients say it in a header; else it is where the request comes from, but for our own pages.
            for (name, value, expected) in [
                ("redirect_to", "https://app.example.com/y", "https%3A%2F%2Fapp.example.com%2Fy"),
                ("referer", "https://app.example.com/login", "https%3A%2F%2Fapp.example.com%2Flogin"),
                ("referer", own + "/account/recover", "http%3A%2F%2Flocalhost%3A3000"),
                ("referer", "https://evil.com/", "http%3A%2F%2Flocalhost%3A3000"),
            ] {
                let email = "\(ID<Person>().text.prefix(8))@example.com"
                _ = try await server.visitor.with(name, value).post("/auth/v1/otp", ["email": .string(email)])
                #expect(try await server.letter(to: email).redirect == expected, "\(name): \(value)")
            }
        }
    }
}
