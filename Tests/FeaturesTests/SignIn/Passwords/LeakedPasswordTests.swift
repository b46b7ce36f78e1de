import Codecs
import Platform
import TestKit
import Testing

/// New passwords are looked up among leaked ones, where that is switched on.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct LeakedPasswordTests {
    private static let leaked = "nine harmless whales"

    private func with(
        _ settings: [String: String], _ body: @escaping @Sendable (TestPwnedPasswords, TestServer) async throws -> Void
    ) async throws {
        let double = try await TestPwnedPasswords(leaked: [Self.leaked, "caf\u{E9} au lait"])
        let all = settings.merging(["PASSWORD_HIBP_URL": double.url]) { $1 }
        try await TestNode.serving(settings: all) { try await body(double, $0) }
        try await double.close()
    }

    private func signUp(_ password: String, _ name: String, _ server: TestServer) async throws -> TestAnswer {
        try await server.visitor.post(
            "/auth/v1/signup", ["email": .string("\(name)@mail.example"), "password": .string(password)])
    }

    @Test func `a leaked password is refused by whatever way it is set, and another is not`() async throws {
        try await with(["PASSWORD_HIBP_ENABLED": "true"]) { double, server in
            let refused = try await signUp(Self.leaked, "a", server)
            #expect(refused.status == 422)
            #expect(try refused.json["error_code"] == "weak_password")
            #expect(try refused.json["weak_password"]?["reasons"] == ["pwned"])
            // Looked up in the spelling that is hashed.
            #expect(try await signUp("cafe\u{301} au lait", "a", server).status == 422)
            let person = try await server.person()
            let change = try await person.client.put("/auth/v1/user", ["password": .string(Self.leaked)])
            #expect(try change.json["weak_password"]?["reasons"] == ["pwned"])
            let made = try await server.service().post(
                "/auth/v1/admin/users", ["email": "b@mail.example", "password": .string(Self.leaked)])
            #expect(made.status == 422)
            #expect(double.prefixes.count == 5)
            // What is weak anyway is not asked about, and who signs in is not either.
            #expect(try await signUp("12345678", "a", server).status == 422)
            _ = try await server.again(person)
            #expect(double.prefixes.count == 5)
        }
    }

    @Test func `nobody is asked unless it is switched on`() async throws {
        try await with([:]) { double, server in
            let answer = try await signUp(Self.leaked, "a", server)
            #expect(answer.status == 200)
            #expect(double.prefixes.isEmpty)
        }
    }

    @Test func `a service that answers nothing useful keeps nobody out`() async throws {
        try await with(["PASSWORD_HIBP_ENABLED": "true"]) { double, server in
            double.fail(.status(503), .text("<html>"), .silence)
            for name in ["a", "b", "c"] {
                let begun = ContinuousClock.now
                let answer = try await signUp(Self.leaked, name, server)
                #expect(answer.status == 200)
                #expect(ContinuousClock.now - begun < .seconds(30))
            }
            #expect(try await signUp(Self.leaked, "d", server).status == 422)
        }
    }

    @Test func `unless it was said to: then nobody sets a password, and is told to come back`() async throws {
        try await with(["PASSWORD_HIBP_ENABLED": "true", "PASSWORD_HIBP_FAIL_CLOSED": "true"]) { double, server in
            double.fail(.status(500), .silence)
            for _ in 0..<2 {
                let refused = try await signUp("a good long password", "a", server)
                #expect(refused.status == 503)
                #expect(refused.header("retry-after") != nil)
                #expect(try refused.json["error_code"] == "service_unavailable")
            }
            #expect(try await signUp("a good long password", "a", server).status == 200)
        }
    }
}
