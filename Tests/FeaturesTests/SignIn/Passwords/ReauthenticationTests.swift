import Codecs
import Platform
import TestKit
import Testing

/// A new password wants a recent sign-in, or a code of a letter.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ReauthenticationTests {
    private static let day: Duration = .seconds(24 * 3_600)
    private static let new: JSON = "a new password"

    private func code(_ person: TestPerson, _ server: TestServer) async throws -> String {
        let before = try await server.letters(to: person.email, of: "reauthentication").count
        #expect(try await person.client.get("/auth/v1/reauthenticate").status == 200)
        return try #require(try await server.letter(to: person.email, of: "reauthentication", after: before).code)
    }

    private func change(_ person: TestPerson, nonce: String? = nil, to password: JSON = new) async throws -> TestAnswer
    {
        var body: JSONObject = ["password": password]
        if let nonce { body["nonce"] = .string(nonce) }
        return try await person.client.put("/auth/v1/user", .object(body))
    }

    private func code(of answer: TestAnswer) throws -> String? { try answer.json["error_code"]?.string }

    @Test func `until a day after signing in a password is changed without more, and after it is not`()
        async throws
    {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: Self.day - .seconds(1))
            #expect(try await change(person).status == 200)
            clock.advance(by: .seconds(2))
            let refused = try await change(person, to: "another new password")
            #expect(refused.status == 400)
            #expect(try code(of: refused) == "reauthentication_needed")
            // The rest of an account changes as before.
            #expect(try await person.client.put("/auth/v1/user", ["data": ["a": 1]]).status == 200)
        }
    }

    @Test func `refreshing makes no session younger, signing in anew does`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: Self.day + .seconds(60))
            let refreshed = try await server.visitor.post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
            let token = try #require(try refreshed.json["access_token"]?.string)
            let client = server.visitor.with("authorization", "Bearer \(token)")
            let refused = try await client.put("/auth/v1/user", ["password": Self.new])
            #expect(try code(of: refused) == "reauthentication_needed")
            #expect(try await change(try await server.again(person)).status == 200)
        }
    }

    @Test func `a code of a letter changes it once, and only its owner's`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let ada = try await server.person("ada")
            let eve = try await server.person("eve")
            clock.advance(by: Self.day + .seconds(1))
            let nonce = try await code(ada, server)
            #expect(try code(of: await change(eve, nonce: nonce)) == "reauthentication_not_valid")
            let wrong = nonce == "000000" ? "000001" : "000000"
            #expect(try code(of: await change(ada, nonce: wrong)) == "reauthentication_not_valid")
            #expect(try await change(ada, nonce: nonce).status == 200)
            let again = try await change(ada, nonce: nonce, to: "another new password")
            #expect(try code(of: again) == "reauthentication_not_valid")
        }
    }

    @Test func `a code is not used up for a password that is refused, and five wrong ones end it`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: Self.day + .seconds(1))
            let nonce = try await code(person, server)
            #expect(try code(of: await change(person, nonce: nonce, to: "12345678")) == "weak_password")
            #expect(try await change(person, nonce: nonce).status == 200)
            let second = try await code(person, server)
            let wrong = second == "000000" ? "000001" : "000000"
            for _ in 0..<5 { _ = try await change(person, nonce: wrong, to: "another new password") }
            let late = try await change(person, nonce: second, to: "another new password")
            #expect(try code(of: late) == "reauthentication_not_valid")
        }
    }

    @Test func `a code is good for an hour, and a code of another letter is none`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: Self.day + .seconds(1))
            let nonce = try await code(person, server)
            clock.advance(by: .seconds(3_601))
            #expect(try code(of: await change(person, nonce: nonce)) == "reauthentication_not_valid")
            _ = try await server.visitor.post("/auth/v1/recover", ["email": .string(person.email)])
            let other = try #require(try await server.letter(to: person.email, of: "recovery").code)
            #expect(try code(of: await change(person, nonce: other)) == "reauthentication_not_valid")
        }
    }

    @Test func `where the product does not ask for it, no session is too old`() async throws {
        let clock = ManualClock()
        let settings = ["SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION": "false"]
        try await TestNode.serving(settings: settings, clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: .seconds(6 * 86_400))
            #expect(try await change(person).status == 200)
        }
    }
}
