import Codecs
import Features
import NIOHTTP1
import Platform
import TestKit
import Testing

/// What any stranger on the network can touch.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct EdgeTests {
    @Test func `the guide's headers stand on answers of every kind`() async throws {
        try await TestNode.serving { server in
            let long = String(repeating: "a", count: 70_000)
            let answers = [
                try await server.visitor.get("/livez"),
                try await server.visitor.get("/nowhere"),
                try await server.visitor.delete("/livez"),
                try await server.visitor.send(.OPTIONS, "/functions/v1/notes_write"),
                try await server.visitor.get("/functions/v1/notes_list"),
                try await server.visitor.send(.POST, "/auth/v1/signup", Array("{".utf8)),
                try await server.visitor.with("x-long", long).get("/livez"),
            ]
            #expect(answers.map(\.status).dropLast() == [200, 404, 405, 200, 401, 400])
            #expect((answers.last?.status ?? 0) >= 400)
            for answer in answers {
                #expect(answer.header("x-content-type-options") == "nosniff")
                #expect(answer.header("x-frame-options") == "DENY")
                #expect(answer.header("x-xss-protection") == "1; mode=block")
                #expect(
                    answer.header("strict-transport-security") == "max-age=63072000; includeSubDomains; preload")
                #expect(answer.header("referrer-policy") == "strict-origin-when-cross-origin")
                #expect(
                    answer.header("permissions-policy") == "camera=(), microphone=(), geolocation=(), payment=()")
                #expect(answer.header("content-security-policy")?.hasPrefix("default-src 'self'") == true)
                #expect(answer.header("x-request-id") != nil)
            }
        }
    }

    @Test func `a wrong method is answered 405 with the right ones`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.send(.DELETE, "/functions/v1/core_version")
            #expect(answer.status == 405)
            #expect(answer.header("allow") == "GET, HEAD, OPTIONS")
        }
    }

    @Test func `HEAD is GET without its body`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.send(.HEAD, "/functions/v1/core_version")
            #expect(answer.status == 200)
            #expect(answer.bytes.isEmpty)
        }
    }

    @Test func `a preflight names the route's method and the headers of clients`() async throws {
        try await TestNode.serving(settings: ["CORS_ORIGINS": "https://app.example.com"]) { server in
            let visitor = server.visitor.with("origin", "https://app.example.com")
            let answer = try await visitor.send(.OPTIONS, "/functions/v1/notes_write")
            #expect(answer.status == 200)
            #expect(answer.header("access-control-allow-origin") == "https://app.example.com")
            #expect(answer.header("access-control-allow-credentials") == "true")
            #expect(answer.header("access-control-allow-methods") == "POST, OPTIONS")
            #expect(answer.header("access-control-allow-headers")?.contains("Authorization, Content-Type") == true)
            #expect(answer.header("access-control-allow-headers")?.contains("apikey") == true)
        }
    }

    @Test(arguments: [
        "https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null",
        "https://app.example.com:8443", "http://localhost:3000.evil.example", "http://localhost:123456",
    ])
    func `another origin gets no leave to read`(_ origin: String) async throws {
        try await TestNode.serving(settings: ["CORS_ORIGINS": "https://app.example.com"]) { server in
            let visitor = server.visitor.with("origin", origin)
            for answer in [
                try await visitor.get("/auth/v1/settings"), try await visitor.send(.OPTIONS, "/auth/v1/settings"),
            ] {
                #expect(answer.header("access-control-allow-origin") == nil)
                #expect(answer.header("access-control-allow-credentials") == nil)
                #expect(answer.header("vary") == "Origin")
            }
            let open = try await visitor.get("/functions/v1/core_version")
            #expect(open.header("access-control-allow-origin") == "*")
            #expect(open.header("access-control-allow-credentials") == nil)
        }
    }

    @Test func `a request id is taken when it is well formed, and made otherwise`() async throws {
        try await TestNode.serving { server in
            let good = try await server.visitor.with("x-request-id", "trace-42.a_b").get("/livez")
            #expect(good.header("x-request-id") == "trace-42.a_b")
            for bad in ["a b", "<script>", String(repeating: "a", count: 129), "\"}"] {
                let answer = try await server.visitor.with("x-request-id", bad).get("/livez")
                #expect(answer.header("x-request-id") != bad)
                #expect(answer.header("x-request-id")?.count == 36)
            }
        }
    }

    @Test func `a body is bounded in size, depth and type`() async throws {
        try await TestNode.serving { server in
            let path = "/auth/v1/signup"
            let huge = [UInt8](repeating: UInt8(ascii: " "), count: 1_048_577)
            let deep = Array((String(repeating: "[", count: 10_000)).utf8)
            let form = server.visitor.with("content-type", "application/x-www-form-urlencoded")
            let answers = [
                try await server.visitor.send(.POST, path, huge), try await server.visitor.send(.POST, path, deep),
                try await form.send(.POST, path, Array("email=a".utf8)),
            ]
            #expect(answers.map(\.status) == [413, 400, 415])
        }
    }

    @Test(arguments: ["", "{", "[]", "null", "\"x\"", "{\"email\":}", "{\"email\":\"\\ud800\"}", "\u{FEFF}{}", "{} x"])
    func `what is no JSON object is answered 400 and says nothing of the parser`(_ body: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.send(
                .POST, "/auth/v1/token?grant_type=password", Array(body.utf8))
            #expect(answer.status == 400)
            #expect(!answer.text.contains("SyntaxError"))
            #expect(!answer.text.contains("JSONError"))
            #expect(!answer.text.contains("offset"))
        }
    }

    @Test(arguments: [
        "/..%2f..%2fetc/passwd", "/functions/v1/../../livez", "//livez", "/livez/", "/LIVEZ", "/%6civez",
        "/functions/v1/notes_list/", "/functions/v1/", "/auth/v1/user%00", "/auth/v1/user;x",
    ])
    func `tricks with paths find nothing`(_ path: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.get(path)
            #expect(answer.status == 404, "\(path)")
        }
    }

    @Test func `a malformed query is a 400 and names no internals`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            for query in [
                "limit=abc", "limit=0", "limit=101", "limit=-1", "limit=%zz", "limit=1e3",
                "offset=99999999999999999999",
            ] {
                let answer = try await person.client.get("/functions/v1/notes_list?\(query)")
                #expect(answer.status == 400, "\(query)")
            }
        }
    }

    @Test func `both shapes of GoTrue's errors are spoken`() async throws {
        try await TestNode.serving { server in
            let old = try await server.visitor.post("/auth/v1/token?grant_type=magic", [:])
            #expect(try old.json["code"] == 400)
            #expect(try old.json["msg"] == "unsupported_grant_type")
            let new = try await server.visitor.with("x-supabase-api-version", "2024-01-01")
                .post("/auth/v1/token?grant_type=magic", [:])
            #expect(try new.json["message"] == "unsupported_grant_type")
            #expect(new.header("x-supabase-api-version") == "2024-01-01")
        }
    }
}
