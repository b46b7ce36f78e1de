import Codecs
import Crypto
import Features
import Platform
import TestKit
import Testing

/// Tokens that were made to look as if a key pair of ours had signed them.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct KeyAttackTests {
    private func part(_ json: String) -> String { Base64URL.encode(Array(json.utf8)) }

    private func status(_ token: String, _ server: TestServer) async throws -> Int {
        try await server.visitor.with("authorization", "Bearer \(token)").get("/functions/v1/notes_list").status
    }

    @Test func `no token that we did not sign is believed`() async throws {
        try await TestNode.serving { server in
            let key = try await SigningKeyRotation.rotate(.es256, server.node.services)
            let person = try await server.person()
            #expect(try await status(person.accessToken, server) == 200)
            let parts = person.accessToken.split(separator: ".").map(String.init)
            let jwks = try await server.visitor.get("/.well-known/jwks.json")
            let own = P256.Signing.PrivateKey()
            func signed(_ header: String) throws -> String {
                let text = part(header) + "." + parts[1]
                return text + "." + Base64URL.encode(Array(try own.signature(for: Array(text.utf8)).rawRepresentation))
            }
            func keyed(_ header: String, _ secret: [UInt8]) -> String {
                let text = part(header) + "." + parts[1]
                let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: secret))
                return text + "." + Base64URL.encode(Array(code))
            }
            let kid = key.id
            let forged = [
                try signed(#"{"alg":"ES256","kid":"\#(kid)"}"#), try signed(#"{"alg":"ES256"}"#),
                try signed(#"{"alg":"ES256","kid":"unknown"}"#), try signed(#"{"alg":"ES256","kid":"' or 1=1 --"}"#),
                try signed(#"{"alg":"ES256","kid":"../../etc/passwd"}"#),
                try signed(#"{"alg":"RS256","kid":"\#(kid)"}"#),
                // The public half as the secret of HS256.
                keyed(#"{"alg":"HS256","kid":"\#(kid)"}"#, jwks.bytes), keyed(#"{"alg":"HS256"}"#, jwks.bytes),
                keyed(#"{"alg":"ES256","kid":"\#(kid)"}"#, Array(TestNode.secret.utf8)),
                part(#"{"alg":"none","kid":"\#(kid)"}"#) + "." + parts[1] + ".",
                part(#"{"alg":"none"}"#) + "." + parts[1] + ".",
                part(#"{"alg":"ES256","kid":"\#(kid)"}"#) + "." + parts[1] + ".",
                parts[0] + "." + part(#"{"role":"service_role","exp":4000000000}"#) + "." + parts[2],
                // r and s of zero (CVE-2022-21449).
                parts[0] + "." + parts[1] + "." + Base64URL.encode([UInt8](repeating: 0, count: 64)),
                String(person.accessToken.dropLast(4)), person.accessToken + "AAAA", person.accessToken + ".",
            ]
            for (index, token) in forged.enumerated() {
                #expect(try await status(token, server) == 401, "\(index)")
            }
        }
    }

    @Test func `another form of the same signature is no second life`() async throws {
        try await TestNode.serving { server in
            try await SigningKeyRotation.rotate(.es256, server.node.services)
            let person = try await server.person()
            let parts = person.accessToken.split(separator: ".").map(String.init)
            // ECDSA: (r, n - s) verifies as (r, s) does.
            let signature = try #require(Base64URL.decode(parts[2]))
            let twin = parts[0] + "." + parts[1] + "." + Base64URL.encode(Self.mirrored(signature))
            #expect(try await status(twin, server) == 200)
            #expect(try await person.client.post("/auth/v1/logout").status == 204)
            #expect(try await status(person.accessToken, server) == 401)
            #expect(try await status(twin, server) == 401)
        }
    }

    /// r and n - s, where n is the order of P-256 (SEC 2, 2.4.2).
    private static func mirrored(_ signature: [UInt8]) -> [UInt8] {
        let order: [UInt8] = [
            0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD,
            0xA7,
            0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
        ]
        var difference = [UInt8](repeating: 0, count: 32)
        var borrow = 0
        for index in (0..<32).reversed() {
            let value = Int(order[index]) - Int(signature[32 + index]) - borrow
            borrow = value < 0 ? 1 : 0
            difference[index] = UInt8(value + borrow * 256)
        }
        return Array(signature[..<32]) + difference
    }

    @Test func `made up keys make no load`() async throws {
        try await TestNode.serving(settings: ["HEALTH_CHECK_INTERVAL": "3600000", "JOBS_CONCURRENCY": "0"]) { server in
            try await SigningKeyRotation.rotate(.es256, server.node.services)
            let person = try await server.person()
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            let parts = person.accessToken.split(separator: ".")
            let before = await server.node.services.database.metrics().batches
            let begun = ContinuousClock.now
            for number in 0..<1_000 {
                let token = part(#"{"alg":"ES256","kid":"made-up-\#(number)"}"#) + ".\(parts[1]).\(parts[2])"
                let answer = try await server.visitor.with("authorization", "Bearer \(token)").get("/auth/v1/user")
                #expect(answer.status == 401)
            }
            let after = await server.node.services.database.metrics().batches
            // Five searches at once, and two in a second.
            let bound = 5 + 2 * (Int((ContinuousClock.now - begun).components.seconds) + 1)
            #expect(after - before <= bound, "\(after - before) statements for 1,000 made up keys")
        }
    }
}
