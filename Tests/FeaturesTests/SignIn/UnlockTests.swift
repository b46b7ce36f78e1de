import Codecs
import Features
import Platform
import TestKit
import Testing

/// What fifty wrong passwords for one account do: to strangers, and to its owner.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct UnlockTests {
    private static let strict = ["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_AUTH": "1000"]

    private func attempt(
        _ email: String, _ password: String, from address: String, _ server: TestServer
    ) async throws -> TestAnswer {
        try await server.visitor.with("x-forwarded-for", address).post(
            "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(password)])
    }

    /// Fifty wrong passwords, five from each of ten addresses.
    private func guess(_ email: String, _ server: TestServer) async throws {
        for number in 0..<50 {
            let answer = try await attempt(email, "wrong \(number)", from: "192.0.2.\(number / 5 + 1)", server)
            try #require(answer.status == 400, "\(number): \(answer.text)")
        }
    }

    @Test func `after fifty failures from anywhere the password alone opens nothing, but where its owner is known`()
        async throws
    {
        try await GuideTableTests.serving(Self.strict) { server, clock in
            let person = try await server.person(from: "198.51.100.1")
            let other = try await server.person("bob", from: "198.51.100.1")
            try await guess(person.email, server)
            let refused = try await attempt(person.email, TestPerson.password, from: "203.0.113.1", server)
            #expect(refused.status == 403)
            #expect(try refused.json["error_code"] == "unlock_by_letter")
            let login = try await server.visitor.with("x-forwarded-for", "203.0.113.1").post(
                "/functions/v1/auth_session-management/login",
                ["email": .string(person.email), "password": .string(TestPerson.password)])
            #expect(login.status == 403)
            #expect(try login.json["error"]?["code"] == "UNLOCK_BY_LETTER")
            // Nobody learns whether a password is right.
            let wrong = try await attempt(person.email, "wrong", from: "203.0.113.2", server)
            #expect(wrong.text == refused.text)
            // Where the owner was signed in before, at the same network, and in sessions that stand, nothing has changed.
            #expect(try await attempt(person.email, TestPerson.password, from: "198.51.100.9", server).status == 200)
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            let refreshed = try await server.visitor.with("x-forwarded-for", "203.0.113.1").post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
            #expect(refreshed.status == 200)
            // Nor for anybody else.
            #expect(try await attempt(other.email, TestPerson.password, from: "203.0.113.1", server).status == 200)
            clock.advance(by: .seconds(7_200))
            #expect(try await attempt(person.email, TestPerson.password, from: "203.0.113.1", server).status == 200)
        }
    }

    @Test func `the letter's link lifts it for the place where it is used, and strangers cause one letter`()
        async throws
    {
        try await GuideTableTests.serving(Self.strict) { server, _ in
            let person = try await server.person(from: "198.51.100.1")
            try await guess(person.email, server)
            for number in 1...12 {
                let answer = try await attempt(person.email, "wrong", from: "203.0.113.\(number)", server)
                #expect(answer.status == 403)
                try await server.untilIdle()
            }
            let letters = try await server.letters(to: person.email, of: "unlock")
            #expect(letters.count == 1)
            let letter = try #require(letters.first)
            let used = try await server.visitor.with("x-forwarded-for", "203.0.114.200").post(
                "/auth/v1/verify",
                ["type": "magiclink", "email": .string(person.email), "token": .string(try #require(letter.code))])
            #expect(used.status == 200, "\(used.text)")
            #expect(try await attempt(person.email, TestPerson.password, from: "203.0.114.200", server).status == 200)
            #expect(try await attempt(person.email, TestPerson.password, from: "203.0.115.200", server).status == 403)
        }
    }

    @Test func `an address that nobody has is answered the same, and nothing is sent`() async throws {
        try await GuideTableTests.serving(Self.strict) { server, _ in
            let person = try await server.person(from: "198.51.100.1")
            try await guess(person.email, server)
            try await guess("nobody@example.com", server)
            let known = try await attempt(person.email, TestPerson.password, from: "203.0.113.1", server)
            let unknown = try await attempt("nobody@example.com", TestPerson.password, from: "203.0.113.1", server)
            #expect(known.status == 403)
            #expect(known.status == unknown.status)
            #expect(known.text == unknown.text)
            #expect(known.headers.map { $0.name }.sorted() == unknown.headers.map { $0.name }.sorted())
            try await server.untilIdle()
            #expect(try await server.letters(to: "nobody@example.com").isEmpty)
            _ = try await server.letter(to: person.email, of: "unlock")
        }
    }

    @Test func `of eighty guesses at once, each from an address of its own, fifty are looked at`() async throws {
        try await GuideTableTests.serving(Self.strict) { server, _ in
            let person = try await server.person(from: "198.51.100.1")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<80 {
                    group.addTask {
                        try await self.attempt(person.email, "guess", from: "192.0.2.\(number + 1)", server).status
                    }
                }
                return try await group.reduce(into: [:] as [Int: Int]) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses[403] == 30, "\(statuses)")
            #expect(statuses[400, default: 0] + statuses[503, default: 0] == 50, "\(statuses)")
        }
    }

    @Test func `without letters the hour has to pass, and the page says what to do`() async throws {
        let mute = Self.strict.merging(["FEATURE_EMAIL": "false"]) { $1 }
        try await GuideTableTests.serving(mute) { server, clock in
            let person = try await server.person(from: "198.51.100.1")
            try await guess(person.email, server)
            #expect(try await attempt(person.email, TestPerson.password, from: "203.0.113.1", server).status == 429)
            #expect(try await attempt(person.email, TestPerson.password, from: "198.51.100.1", server).status == 200)
            clock.advance(by: .seconds(7_200))
            #expect(try await attempt(person.email, TestPerson.password, from: "203.0.113.1", server).status == 200)
        }
        try await GuideTableTests.serving(Self.strict) { server, _ in
            let person = try await server.person(from: "198.51.100.1")
            try await guess(person.email, server)
            let form = QueryString.encode(["email": person.email, "password": TestPerson.password])
            let page = try await server.visitor.with("x-forwarded-for", "203.0.113.1")
                .with("content-type", "application/x-www-form-urlencoded").with("accept-language", "de")
                .send(.POST, "/account/sign-in", Array(form.utf8))
            #expect(page.text.contains("zu viele falsche Passwörter"))
        }
    }

    @Test func `an operator sees and resets what an account has against it`() async throws {
        try await GuideTableTests.serving(Self.strict) { server, _ in
            let person = try await server.person(from: "198.51.100.1")
            try await guess(person.email, server)
            let subject = try #require(LimitSubject("account:" + person.email.uppercased()))
            let limits = server.node.services.limits
            let held = try await limits.report(on: subject).filter { $0.held > 0 }
            #expect(held.map(\.limit) == ["/auth/account"])
            #expect(held.first?.held == 50)
            try await limits.reset(subject)
            #expect(try await attempt(person.email, TestPerson.password, from: "203.0.113.1", server).status == 200)
        }
    }
}
