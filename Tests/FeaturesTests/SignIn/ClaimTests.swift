import Codecs
import Features
import Foundation
import Platform
import TestKit
import Testing

/// Tokens whose signature is ours and whose claims do not fit.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ClaimTests {
    /// The person's claims with some changed, signed by the pair in use or by JWT_SECRET.
    private func status(
        _ person: TestPerson, _ changes: [String: JSON?], byPair: Bool, _ server: TestServer
    ) async throws -> Int {
        let payload = try #require(Base64URL.decode(person.accessToken.split(separator: ".")[1]))
        var claims = try #require(try JSON(parsing: payload).object)
        for (name, value) in changes { claims[name] = value }
        let tokens = server.node.services.tokens
        let token = byPair ? try await tokens.signPersonal(claims) : try await tokens.sign(claims)
        return try await server.visitor.with("authorization", "Bearer \(token)").get("/auth/v1/user").status
    }

    private func serving(
        settings: [String: String] = [:], clock: WallClock = .system,
        _ body: @escaping @Sendable (TestServer, TestPerson) async throws -> Void
    ) async throws {
        try await TestNode.serving(settings: settings, clock: clock) { server in
            try await SigningKeyRotation.rotate(.es256, server.node.services)
            try await body(server, try await server.person())
        }
    }

    @Test(arguments: [true, false])
    func `a token is good from its nbf on and never when it was issued in the future`(_ byPair: Bool) async throws {
        let clock = ManualClock()
        try await serving(clock: clock.wall) { (server: TestServer, person: TestPerson) async throws in
            let now = Int(clock.wall.now().timeIntervalSince1970)
            for claim in ["nbf", "iat"] {
                func at(_ seconds: Int) async throws -> Int {
                    try await status(person, [claim: JSON(seconds)], byPair: byPair, server)
                }
                #expect(try await at(now + 3_600) == 401, "\(claim)")
                #expect(try await at(now + 62) == 401, "\(claim)")
                // A clock that runs a minute ahead of ours.
                #expect(try await at(now + 59) == 200, "\(claim)")
                #expect(try await at(now - 10) == 200, "\(claim)")
                #expect(
                    try await status(person, [claim: "tomorrow"], byPair: byPair, server) == 401, "\(claim) as text")
            }
            clock.advance(by: .seconds(3_600))
            #expect(try await status(person, ["nbf": JSON(now + 3_600)], byPair: byPair, server) == 200)
            #expect(try await status(person, ["iat": JSON(now + 3_600)], byPair: byPair, server) == 200)
        }
    }

    @Test(arguments: SigningAlgorithm.allCases)
    func `a token by a pair expires, remembered or not`(_ algorithm: SigningAlgorithm) async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: ["JWT_EXPIRY": "1h"], clock: clock.wall) { server in
            try await SigningKeyRotation.rotate(algorithm, server.node.services)
            let (seen, unseen) = (try await server.person(), try await server.person())
            clock.advance(by: .seconds(3_598))
            #expect(try await seen.client.get("/auth/v1/user").status == 200)
            clock.advance(by: .seconds(3))
            for person in [seen, unseen] {
                let answer = try await person.client.get("/auth/v1/user")
                #expect(answer.status == 401)
                #expect(answer.text.contains("expired"))
            }
        }
    }

    @Test func `another issuer's and another audience's tokens are refused`() async throws {
        try await serving { (server: TestServer, person: TestPerson) async throws in
            let others: [JSON] = [
                "https://elsewhere.example/auth/v1", "supabase", "http://localhost:54321", "", 1, ["a"],
            ]
            for byPair in [true, false] {
                for other in others {
                    #expect(try await status(person, ["iss": other], byPair: byPair, server) == 401, "iss \(other)")
                }
                for other: JSON in ["anon", "Authenticated", ["a", "b"], ["authenticated", 1], 1, [:]] {
                    #expect(try await status(person, ["aud": other], byPair: byPair, server) == 401, "aud \(other)")
                }
                #expect(try await status(person, ["aud": ["a", "authenticated"]], byPair: byPair, server) == 200)
            }
            // Whoever has the shared secret signs as Supabase documents it; a pair's tokens are all our own.
            for name in ["iss", "aud"] {
                #expect(try await status(person, [name: .some(nil)], byPair: false, server) == 200, "\(name)")
                #expect(try await status(person, [name: .some(nil)], byPair: true, server) == 401, "\(name)")
            }
        }
    }

    @Test func `an earlier issuer's tokens are good while it is named`() async throws {
        let person = try await TestNode.serving { try await $0.person() }
        let new = "https://new.example/auth/v1"
        let both = ["JWT_ISSUER": "\(new), http://localhost:54321/auth/v1"]
        try await TestNode.serving(settings: both) { server in
            let client = TestClient(server: server, headers: person.client.headers)
            #expect(try await client.get("/auth/v1/user").status == 200)
            let again = try await server.again(person)
            let payload = try #require(Base64URL.decode(again.accessToken.split(separator: ".")[1]))
            #expect(try JSON(parsing: payload)["iss"]?.string == new)
            #expect(try await again.client.get("/auth/v1/user").status == 200)
        }
        try await TestNode.serving(settings: ["JWT_ISSUER": new]) { server in
            let client = TestClient(server: server, headers: person.client.headers)
            let refused = try await client.get("/auth/v1/user")
            #expect(refused.status == 401)
        }
    }

    @Test func `the keys of clients pass with Supabase's claims, and a pair makes none`() async throws {
        try await serving(settings: ["JWT_ACCEPT_HS256": "false"]) { (server: TestServer, _: TestPerson) async throws in
            let tokens = server.node.services.tokens
            func answer(_ role: String, byPair: Bool) async throws -> (bearer: Int, key: Int) {
                let claims: JSONObject = [
                    "iss": "supabase", "ref": "lean", "role": .string(role), "iat": 1_700_000_000, "exp": 4_000_000_000,
                ]
                let token = byPair ? try await tokens.signPersonal(claims) : try await tokens.sign(claims)
                let bearer = try await server.visitor.with("authorization", "Bearer \(token)").get("/auth/v1/settings")
                let user = try await server.visitor.with("authorization", "Bearer \(token)").get("/auth/v1/user")
                #expect(user.status >= 401)
                let key = try await server.visitor.with("apikey", token).get("/auth/v1/settings")
                return (byPair ? user.status : bearer.status, key.status)
            }
            for role in ["anon", "service_role"] {
                #expect(try await answer(role, byPair: false) == (200, 200), "\(role)")
                #expect(try await answer(role, byPair: true).bearer == 401, "\(role)")
            }
        }
    }
}
