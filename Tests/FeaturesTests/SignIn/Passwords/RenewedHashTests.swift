import Codecs
import Platform
import Postgres
import TestKit
import Testing

@testable import Features

/// Hashes that are not as we write them: they sign in, and are written anew by it.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct RenewedHashTests {
    private static let users = "/auth/v1/admin/users"
    private static let argon2 =
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$wZeUqErRQM9fr7+3IJVQyFsb5QPhYeqkXwNGZgBH/L4"
    private let email = "imported@example.com"

    private func signIn(_ password: String, _ server: TestServer) async throws -> TestAnswer {
        try await server.visitor.post(
            "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(password)])
    }

    private func bring(_ hash: String, _ server: TestServer) async throws {
        let made = try await server.service().post(
            Self.users, ["email": .string(email), "password_hash": .string(hash), "email_confirm": true])
        #expect(made.status == 200, "\(made.text)")
    }

    private func stored(_ server: TestServer) async throws -> String {
        try await server.node.services.platform.one(
            "select encrypted_password from auth.users where email = \(email)"
        ) { try $0["encrypted_password"] }
    }

    /// - Parameter hash: of `correct horse battery`.
    private func expectRenewal(_ hash: String) async throws {
        let email = email
        try await TestNode.serving { server in
            try await bring(hash, server)
            #expect(try await signIn("correct horse batterz", server).json["error_code"] == "invalid_credentials")
            #expect(try await stored(server) == hash)
            #expect(try await signIn("correct horse battery", server).status == 200)
            let renewed = try await stored(server)
            #expect(renewed.hasPrefix("$2b$04$"))
            #expect(try await signIn("correct horse batterz", server).json["error_code"] == "invalid_credentials")
            #expect(try await signIn("correct horse battery", server).status == 200)
            // It was ours already: nothing to renew.
            #expect(try await stored(server) == renewed)
            let login = try await server.visitor.post(
                "/functions/v1/auth_session-management/login",
                ["email": .string(email), "password": "correct horse battery"])
            #expect(login.status == 200)
        }
    }

    @Test func `a hash by argon2 signs in with its password, and becomes one of ours`() async throws {
        try await expectRenewal(Self.argon2)
    }

    @Test func `a hash by bcrypt of another cost becomes one of ours`() async throws {
        try await expectRenewal(try PasswordHash.make("correct horse battery", cost: 6).text)
    }

    @Test func `who comes in with a password that could not be set today is told so beside the tokens`() async throws {
        try await TestNode.serving { server in
            try await bring(try PasswordHash.make("monkey", cost: 4).text, server)
            let answer = try await signIn("monkey", server)
            #expect(answer.status == 200)
            let weakness = try #require(try answer.json["weak_password"])
            #expect(weakness["reasons"] == ["length", "pwned"])
            #expect(weakness["message"]?.string?.hasPrefix("Password should be at least 8 characters.") == true)
            #expect(try await signIn("monkez", server).json["weak_password"] == nil)
            let refreshed = try await server.visitor.post(
                "/auth/v1/token?grant_type=refresh_token",
                ["refresh_token": try #require(try answer.json["refresh_token"])])
            #expect(refreshed.status == 200)
            #expect(try refreshed.json.object?.keys.contains("weak_password") == false)
            let ada = try await server.person("ada")
            let good = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(ada.email), "password": .string(TestPerson.password)])
            #expect(try good.json.object?.keys.contains("weak_password") == false)
        }
    }

    @Test func `the functions' login renews a hash too`() async throws {
        try await TestNode.serving { server in
            try await bring(Self.argon2, server)
            let login = try await server.visitor.post(
                "/functions/v1/auth_session-management/login",
                ["email": .string(email), "password": "correct horse battery"])
            #expect(login.status == 200)
            #expect(try await stored(server).hasPrefix("$2b$04$"))
        }
    }

    @Test func `bcrypt under its other names, 2a and 2y, stays as it is at our cost`() async throws {
        try await TestNode.serving { server in
            let hash = "$2y$04$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96"
            try await bring(hash, server)
            #expect(try await signIn("password", server).status == 200)
            #expect(try await stored(server) == hash)
        }
    }

    @Test func `an operator brings a hash to an account that is there, and its sessions end`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let service = try await server.service()
            let path = Self.users + "/" + person.id.text
            #expect(try await service.put(path, ["password_hash": .string(Self.argon2)]).status == 200)
            #expect(try await person.client.get("/auth/v1/user").status == 401)
            #expect(try await server.again(person).client.get("/auth/v1/user").status == 200)
            let hostile = Self.argon2.replacing("m=64,t=1", with: "m=262144,t=20")
            let refused = try await service.put(path, ["password_hash": .string(hostile)])
            #expect(refused.status == 400)
            #expect(try refused.json["error_code"] == "validation_failed")
        }
    }

    @Test func `a password beyond what bcrypt reads is only a wrong one`() async throws {
        try await TestNode.serving { server in
            try await bring(Self.argon2, server)
            let answer = try await signIn(String(repeating: "a", count: 100), server)
            #expect(try answer.json["error_code"] == "invalid_credentials")
        }
    }

    @Test func `a hash of the password as it was typed, before there was one spelling, signs in and is renewed`()
        async throws
    {
        try await TestNode.serving { server in
            let decomposed = "cafe\u{301} au lait"
            let composed = "caf\u{E9} au lait"
            try await bring(try PasswordHash.make(decomposed, cost: 4).text, server)
            // Who types it composed was never let in.
            #expect(try await signIn(composed, server).json["error_code"] == "invalid_credentials")
            #expect(try await signIn("cafe\u{300} au lait", server).json["error_code"] == "invalid_credentials")
            #expect(try await signIn(decomposed, server).status == 200)
            #expect(try await signIn(composed, server).status == 200)
            #expect(try await signIn(decomposed, server).status == 200)
        }
    }

    @Test func `what was signed up with in one spelling signs in with the other`() async throws {
        try await TestNode.serving { server in
            let signUp = try await server.visitor.post(
                "/auth/v1/signup", ["email": .string(email), "password": "cafe\u{301} au lait"])
            #expect(signUp.status == 200)
            for same in ["caf\u{E9} au lait", "cafe\u{301} au lait", "ｃａｆ\u{E9} au\u{3000}lait"] {
                #expect(try await signIn(same, server).status == 200)
            }
            #expect(try await signIn("Caf\u{E9} au lait", server).json["error_code"] == "invalid_credentials")
            let person = try JSON(parsing: signUp.bytes)["access_token"]?.string
            let client = server.visitor.with("authorization", "Bearer \(try #require(person))")
            let same = try await client.put("/auth/v1/user", ["password": "caf\u{E9} au lait"])
            #expect(try same.json["error_code"] == "same_password")
        }
    }

    @Test func `twenty who sign in at once with a foreign hash all come in, and one hash stays`() async throws {
        try await TestNode.serving { server in
            try await bring(Self.argon2, server)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await signIn("correct horse battery", server).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 200 })
            #expect(try await signIn("correct horse battery", server).status == 200)
            #expect(try await stored(server).hasPrefix("$2b$04$"))
        }
    }
}

/// How much work a check is, whoever is asked about. The proof `same-work` measures it finely.
@Suite(.timeLimit(.minutes(10))) struct EqualWorkTests {
    @Test func `an unknown address costs work as a known one does, whatever was typed`() async throws {
        let passwords = Passwords(cost: 10)
        let hash = try PasswordHash.make("right", cost: 10)
        func time(_ password: String, _ hash: PasswordHash?) async throws -> Duration {
            let begun = ContinuousClock.now
            #expect(try await !passwords.check(password, against: hash).matches)
            return ContinuousClock.now - begun
        }
        for wrong in ["wrong", "cafe\u{301}", String(repeating: "\u{FDFA}", count: 900)] {
            // In turns, and the fastest of each: what the machine does besides only ever adds.
            var known: [Duration] = []
            var unknown: [Duration] = []
            for _ in 0..<3 {
                known.append(try await time(wrong, hash))
                unknown.append(try await time(wrong, nil))
            }
            // Far below noise, far above no work at all.
            #expect(try #require(unknown.min()) > #require(known.min()) / 5)
        }
    }

    @Test func `a long password that argon2 read matches, and there is nothing to renew it with`() async throws {
        let text = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$IuKk4eDpmsj1smYvSwMWQZxgGEQKvQGAwPXop/y8DTE"
        let verdict = try await Passwords(cost: 4).check(
            String(repeating: "a", count: 100), against: PasswordHash(text: text))
        #expect(verdict.matches)
        #expect(verdict.renewed == nil)
    }
}
