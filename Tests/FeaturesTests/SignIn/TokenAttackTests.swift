import Codecs
import Crypto
import Foundation
import Platform
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct TokenAttackTests {
    /// Tokens that were made to deceive, each from a genuine one.
    private static func forgeries(of token: String) -> [(String, String)] {
        let parts = token.split(separator: ".").map(String.init)
        func encode(_ json: String) -> String { Base64URL.encode(Array(json.utf8)) }
        func signed(_ header: String, _ payload: String, _ key: String) -> String {
            let input = "\(encode(header)).\(payload)"
            let code = HMAC<SHA256>.authenticationCode(
                for: Array(input.utf8), using: SymmetricKey(data: Array(key.utf8)))
            return "\(input).\(Base64URL.encode(Array(code)))"
        }
        let header = #"{"alg":"HS256","typ":"JWT"}"#
        return [
            ("empty", ""), ("garbage", "garbage"), ("two dots", ".."), ("truncated", String(token.dropLast(5))),
            ("alg none", "\(encode(#"{"alg":"none","typ":"JWT"}"#)).\(parts[1])."),
            ("alg none, old signature", "\(encode(#"{"alg":"none"}"#)).\(parts[1]).\(parts[2])"),
            ("another algorithm", signed(#"{"alg":"HS512","typ":"JWT"}"#, parts[1], TestNode.secret)),
            ("an unknown key", signed(#"{"alg":"HS256","kid":"other"}"#, parts[1], TestNode.secret)),
            ("a critical extension", signed(#"{"alg":"HS256","crit":["b64"]}"#, parts[1], TestNode.secret)),
            ("another secret", signed(header, parts[1], "another secret of some length, 32 bytes")),
            ("an empty secret", signed(header, parts[1], "")),
            ("no role", signed(header, encode(#"{"sub":"x","exp":4000000000}"#), TestNode.secret)),
            ("a database role", signed(header, encode(#"{"role":"lean_owner","exp":4000000000}"#), TestNode.secret)),
            ("no session", signed(header, encode(#"{"role":"authenticated","exp":4000000000}"#), TestNode.secret)),
            ("expired", signed(header, encode(#"{"role":"service_role","exp":1}"#), TestNode.secret)),
            ("no expiry", signed(header, encode(#"{"role":"service_role"}"#), TestNode.secret)),
        ]
    }

    @Test func `a forged, damaged or expired token is answered 401 everywhere`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            for (name, token) in Self.forgeries(of: person.accessToken) {
                for path in ["/auth/v1/user", "/functions/v1/notes_list"] {
                    let bearer = try await server.visitor.with("authorization", "Bearer \(token)").get(path)
                    #expect(bearer.status == 401, "\(name) at \(path)")
                    #expect(!bearer.text.lowercased().contains("signature"), "\(name) at \(path)")
                }
                guard !token.isEmpty else { continue }
                let key = try await server.visitor.with("apikey", token).get("/auth/v1/user")
                #expect(key.status == 401, "\(name) as apikey")
            }
        }
    }

    @Test(arguments: ["", "Basic YTpi", "Bearer", "Token abc"])
    func `an Authorization that is no bearer token is answered 401`(_ header: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.with("authorization", header).get("/functions/v1/notes_list")
            #expect(answer.status == 401)
        }
    }

    @Test func `a session of one person does not serve another's token`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let bob = try await server.person("bob")
            let payload = try #require(Base64URL.decode(bob.accessToken.split(separator: ".")[1]))
            let session = try #require(try JSON(parsing: payload)["session_id"]?.string)
            let token = try await server.node.services.tokens.sign([
                "sub": .string(ada.id.text), "session_id": .string(session), "role": "authenticated",
                "exp": 4_000_000_000,
            ])
            let client = server.visitor.with("authorization", "Bearer \(token)")
            #expect(try await client.get("/auth/v1/user").status == 401)
            #expect(try await client.get("/functions/v1/notes_list").status == 401)
        }
    }

    @Test func `an access token is no apikey and the anon key is no person`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            #expect(try await server.visitor.with("apikey", person.accessToken).get("/auth/v1/user").status == 401)
            let anon = try await server.node.services.tokens.sign(["role": "anon", "exp": 4_000_000_000])
            let client = server.visitor.with("apikey", anon).with("authorization", "Bearer \(anon)")
            #expect(try await client.get("/auth/v1/user").status == 401)
            #expect(try await client.get("/auth/v1/settings").status == 200)
        }
    }
}
