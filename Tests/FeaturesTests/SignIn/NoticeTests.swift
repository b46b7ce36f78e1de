import Codecs
import Features
import Platform
import TestKit
import Testing

/// Letters that tell a person what was done with their account.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct NoticeTests {
    private static let confirming = ["MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true"]

    private func signIn(
        _ person: TestPerson, on agent: String = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        from address: String = "203.0.113.77", _ server: TestServer
    ) async throws {
        let answer = try await server.visitor.with("user-agent", agent).with("x-forwarded-for", address).post(
            "/auth/v1/token?grant_type=password",
            ["email": .string(person.email), "password": .string(TestPerson.password)])
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test func `who confirms their address is welcomed once, in their language`() async throws {
        try await TestNode.serving(settings: Self.confirming) { server in
            let account: JSON = [
                "email": "ada@example.com", "password": .string(TestPerson.password), "data": ["language": "de"],
            ]
            _ = try await server.visitor.post("/auth/v1/signup", account)
            let code = try #require(try await server.letter(to: "ada@example.com", of: "confirmation").code)
            try await server.untilIdle()
            #expect(try await server.letters(to: "ada@example.com", of: "welcome").isEmpty)
            _ = try await server.visitor.post(
                "/auth/v1/verify", ["type": "signup", "email": "ada@example.com", "token": .string(code)])
            #expect(try await server.letter(to: "ada@example.com", of: "welcome").subject == "Willkommen bei Lean SaaS")
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "ada@example.com"])
            let link = try #require(try await server.letter(to: "ada@example.com", of: "magic_link").token)
            _ = try await server.visitor.post("/auth/v1/verify", ["type": "magiclink", "token_hash": .string(link)])
            try await server.untilIdle()
            #expect(try await server.letters(to: "ada@example.com", of: "welcome").count == 1)
        }
    }

    @Test func `where addresses confirm themselves the sign-up is the welcome, unless no letters are sent`()
        async throws
    {
        try await TestNode.serving { server in
            let person = try await server.person()
            #expect(try await server.letter(to: person.email, of: "welcome").text.contains("http://localhost:3000"))
        }
        try await TestNode.serving(settings: ["FEATURE_EMAIL": "false"]) { server in
            let person = try await server.person()
            try await signIn(person, server)
            try await server.untilIdle()
            #expect(try await server.letters(to: person.email, of: "welcome").isEmpty)
        }
    }

    @Test func `a device or a place that is new to an account is told of, the first and a known one are not`()
        async throws
    {
        try await TestNode.serving { server in
            let person = try await server.person()
            func told() async throws -> Int {
                try await server.untilIdle()
                return try await server.letters(to: person.email, of: "new_device").count
            }
            #expect(try await told() == 0)
            try await signIn(person, server)
            let letter = try await server.letter(to: person.email, of: "new_device")
            for form in [letter.text, letter.html] {
                #expect(form.contains("Firefox on Linux"))
                #expect(form.contains("203.0.113.*"))
                #expect(!form.contains("203.0.113.77"))
                #expect(form.contains("/account/recover"))
                #expect(form.contains(" UTC"))
            }
            // The same network, and another of the same region: whoever walks about with a telephone.
            try await signIn(person, from: "203.0.113.9", server)
            try await signIn(person, from: "203.0.44.9", server)
            #expect(try await told() == 1)
            try await signIn(person, on: "Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36", server)
            #expect(try await told() == 2)
            try await signIn(person, from: "198.51.100.1", server)
            #expect(try await told() == 3)
            try await signIn(person, from: "2001:db8:1234:5678::1", server)
            #expect(try await told() == 4)
            #expect(
                try await server.letter(to: person.email, of: "new_device", after: 3).text.contains("2001:db8:1234:*"))
            try await signIn(person, from: "2001:db8:ffff::1", server)
            try await signIn(person, from: "198.51.100.2", server)
            #expect(try await told() == 4)
        }
    }

    @Test func `nobody is told of another's devices, and what a device is called makes no markup`() async throws {
        try await TestNode.serving { server in
            let (ada, bob) = (try await server.person("ada"), try await server.person("bob"))
            let agent = "<b>evil</b>[x](https://evil.example)/1"
            try await signIn(ada, on: agent, server)
            let letter = try await server.letter(to: ada.email, of: "new_device")
            #expect(!letter.html.contains("<b>evil"))
            #expect(!letter.html.contains("href=\"https://evil.example"))
            // New to him too, though she was there.
            try await signIn(bob, on: agent, server)
            _ = try await server.letter(to: bob.email, of: "new_device")
            try await server.untilIdle()
            #expect(try await server.letters(to: ada.email, of: "new_device").count == 1)
        }
    }

    @Test func `twenty sign-ins from a new place at once are told of once`() async throws {
        try await TestNode.serving(settings: ["RATE_LIMIT_DISABLED": "true"]) { server in
            let person = try await server.person()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await signIn(person, server) } }
                try await group.waitForAll()
            }
            try await server.untilIdle()
            let count = try await server.letters(to: person.email, of: "new_device").count
            // Another may be enqueued in the moment in which the first is taken, before any of their sign-ins is seen.
            #expect((1...2).contains(count), "\(count)")
        }
    }

    @Test func `the first place of a client's code is no news, though a browser followed the link elsewhere`()
        async throws
    {
        try await TestNode.serving(settings: Self.confirming) { server in
            let verifier = String(repeating: "verifier-", count: 6)
            _ = try await server.visitor.post(
                "/auth/v1/otp",
                ["email": "eve@example.com", "code_challenge": .string(verifier), "code_challenge_method": "plain"])
            let token = try #require(try await server.letter(to: "eve@example.com").token)
            let form = QueryString.encode(["token": token, "type": "magiclink"])
            let browser = server.visitor.with("user-agent", "Mozilla/5.0 (iPhone) Safari/604.1")
            let page = try await browser.with("content-type", "application/x-www-form-urlencoded").send(
                .POST, "/account/verify", Array(form.utf8))
            let code = try #require(page.text.split(separator: "?code=").last?.split(separator: "\"").first)
            let answer = try await server.visitor.with("user-agent", "MyApp/1.0").post(
                "/auth/v1/token?grant_type=pkce",
                ["auth_code": .string(String(code)), "code_verifier": .string(verifier)])
            #expect(answer.status == 200)
            try await server.untilIdle()
            #expect(try await server.letters(to: "eve@example.com", of: "new_device").isEmpty)
        }
    }

    @Test(arguments: [("es", "Tu dirección ha cambiado"), ("vi", "Địa chỉ của bạn đã được đổi")])
    func `the former address is told of the new one in the person's language`(
        _ language: String, _ subject: String
    ) async throws {
        let settings = Self.confirming.merging(["MAILER_SECURE_EMAIL_CHANGE_ENABLED": "false"]) { $1 }
        try await TestNode.serving(settings: settings) { server in
            let service = try await server.service()
            _ = try await service.post(
                "/auth/v1/admin/users",
                [
                    "email": "old@example.com", "password": .string(TestPerson.password), "email_confirm": true,
                    "user_metadata": ["language": .string(language)],
                ])
            let signIn = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": "old@example.com", "password": .string(TestPerson.password)])
            let access = try #require(try signIn.json["access_token"]?.string)
            _ = try await server.visitor.with("authorization", "Bearer \(access)").put(
                "/auth/v1/user", ["email": "other@example.com"])
            let token = try #require(try await server.letter(to: "other@example.com").token)
            _ = try await server.visitor.post(
                "/auth/v1/verify", ["type": "email_change", "token_hash": .string(token)])
            #expect(try await server.letter(to: "old@example.com", of: "email_changed").subject == subject)
        }
    }
}
