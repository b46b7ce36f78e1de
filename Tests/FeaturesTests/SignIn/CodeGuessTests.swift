import Codecs
import Features
import Platform
import TestKit
import Testing

/// Six digits are few: how often they can be guessed at, and what strangers can use up.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct CodeGuessTests {
    private static let strict = ["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_AUTH": "1000", "MAILER_AUTOCONFIRM": "true"]

    private func guess(
        _ code: String, _ email: String, from address: String, _ server: TestServer
    ) async throws -> TestAnswer {
        try await server.visitor.with("x-forwarded-for", address).post(
            "/auth/v1/verify", ["type": "email", "email": .string(email), "token": .string(code)])
    }

    @Test func `of forty guesses at once five are looked at`() async throws {
        try await TestNode.serving(settings: ["RATE_LIMIT_DISABLED": "true"]) { server in
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "ada@example.com"])
            _ = try await server.letter(to: "ada@example.com")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask { _ = try await guess("not it", "ada@example.com", from: "192.0.2.1", server) }
                }
                try await group.waitForAll()
            }
            let attempts: Int = try await server.node.services.platform.one(
                "select max(attempts)::int4 as n from auth.one_time_tokens"
            ) { try $0["n"] }
            #expect(attempts == 5)
        }
    }

    @Test(arguments: [true, false])
    func `after fifty wrong codes from anywhere none is looked at, known or unknown, but the link is`(
        _ isKnown: Bool
    ) async throws {
        try await GuideTableTests.serving(Self.strict) { server, clock in
            let person = try await server.person(from: "198.51.100.1")
            let email = isKnown ? person.email : "nobody@example.com"
            for round in 0..<10 {
                clock.advance(by: .seconds(1))
                _ = try await server.visitor.with("x-forwarded-for", "203.0.113.\(round)").post(
                    "/auth/v1/otp", ["email": .string(email), "create_user": false])
                try await server.untilIdle()
                for number in 0..<5 {
                    let answer = try await guess("\(number)", email, from: "192.0.\(round).\(number)", server)
                    try #require(answer.status == 403, "\(answer.text)")
                }
            }
            clock.advance(by: .seconds(1))
            _ = try await server.visitor.with("x-forwarded-for", "203.0.113.77").post(
                "/auth/v1/otp", ["email": .string(email), "create_user": false])
            try await server.untilIdle()
            let letter = try await server.letters(to: email, of: "magic_link").last
            let refused = try await guess(letter?.code ?? "123456", email, from: "192.0.99.1", server)
            #expect(refused.status == 429)
            #expect(try refused.json["error_code"] == "over_request_rate_limit")
            guard isKnown else { return }
            // Passwords are not the worse for it.
            let signIn = try await server.visitor.with("x-forwarded-for", "192.0.99.1").post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(email), "password": .string(TestPerson.password)])
            #expect(signIn.status == 200)
            let link: JSON = ["type": "email", "token_hash": .string(try #require(letter?.token))]
            #expect(try await server.visitor.post("/auth/v1/verify", link).status == 200)
            let told: Int = try await server.node.services.platform.one(
                "select count(*) as n from public.audit_logs where event_action = 'failed_login_attempts'"
            ) { try $0["n"] }
            #expect(told >= 50)
        }
    }

    @Test func `what was not sent is not good, and takes the worth from nothing that was`() async throws {
        try await TestNode.serving(settings: ["RATE_LIMIT_DISABLED": "true"]) { server in
            let person = try await server.person()
            for _ in 0..<22 {
                _ = try await server.visitor.post("/auth/v1/otp", ["email": .string(person.email)])
                try await server.untilIdle()
            }
            let letters = try await server.letters(to: person.email, of: "magic_link")
            #expect(letters.count == 20)
            let proof: JSON = ["type": "magiclink", "token_hash": .string(try #require(letters.last?.token))]
            #expect(try await server.visitor.post("/auth/v1/verify", proof).status == 200)
            // Strangers who ask for links keep away neither what the owner must hear, nor the way back in.
            #expect(try await person.client.put("/auth/v1/user", ["password": "another correct horse"]).status == 200)
            _ = try await server.letter(to: person.email, of: "password_changed")
            _ = try await server.visitor.post("/auth/v1/recover", ["email": .string(person.email)])
            _ = try await server.letter(to: person.email, of: "recovery")
        }
    }
}
