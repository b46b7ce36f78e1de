import Platform
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct TransportTests {
    @Test func `plain requests are sent to our own name, never to the one that the request gives itself`() async throws
    {
        let settings = ["SSL_ENFORCE": "true", "API_URL": "https://api.example.org"]
        try await TestNode.serving(settings: settings) { server in
            let answer = try await server.raw(
                "GET /auth/v1/settings?a=1 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 301 "), "\(answer)")
            #expect(answer.contains("Location: https://api.example.org/auth/v1/settings?a=1\r\n"))
            #expect(!answer.contains("evil"))
            let posted = try await server.raw(
                "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            #expect(posted.hasPrefix("HTTP/1.1 308 "), "\(posted)")
            let probe = try await server.visitor.get("/livez")
            #expect(probe.status == 200)
            let proxied = try await server.visitor.with("x-forwarded-proto", "https").get("/auth/v1/settings")
            #expect(proxied.status == 200)
        }
    }

    @Test func `a target that tries to break out of the Location header finds nothing`() async throws {
        let settings = ["SSL_ENFORCE": "true", "API_URL": "https://api.example.org"]
        try await TestNode.serving(settings: settings) { server in
            for target in ["//evil.example/x", "/\\evil.example", "@evil.example/", "/%0d%0aSet-Cookie:a=b"] {
                let answer = try await server.raw("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let location = answer.split(separator: "\r\n").first { $0.hasPrefix("Location: ") }
                #expect(location.map { $0.hasPrefix("Location: https://api.example.org/") } ?? true, "\(answer)")
                #expect(!answer.contains("\r\nSet-Cookie"))
            }
        }
    }

    @Test func `text is sent in the coding that the client likes, secrets are not`() async throws {
        try await TestNode.serving { server in
            let any = server.visitor.with("accept-encoding", "gzip, br")
            let metrics = try await any.get("/functions/v1/core_configuration")
            #expect(metrics.header("content-encoding") == "br")
            #expect(metrics.headers["vary"].contains("Accept-Encoding"))
            let gzip = try await server.visitor.with("accept-encoding", "gzip").get("/functions/v1/core_configuration")
            #expect(gzip.header("content-encoding") == "gzip")
            #expect(try gzip.json["environment"] == "test")
            let small = try await any.get("/livez")
            #expect(small.header("content-encoding") == nil)
            let cookie = try await any.with("cookie", "a=b").get("/functions/v1/core_configuration")
            #expect(cookie.header("content-encoding") == nil)
            let person = try await server.person()
            let user = try await person.client.with("accept-encoding", "br").get("/auth/v1/user")
            #expect(user.header("content-encoding") == nil)
            #expect(user.header("vary") == "Origin")
        }
    }

    @Test func `compression can be switched off`() async throws {
        try await TestNode.serving(settings: ["ENABLE_COMPRESSION": "false"]) { server in
            let answer = try await server.visitor.with("accept-encoding", "gzip, br")
                .get("/functions/v1/core_configuration")
            #expect(answer.header("content-encoding") == nil)
            #expect(!answer.headers["vary"].contains("Accept-Encoding"))
        }
    }

    @Test func `who has an answer already is told so`() async throws {
        try await TestNode.serving { server in
            let first = try await server.visitor.get("/functions/v1/core_version?minimal=true")
            let tag = try #require(first.header("etag"))
            let again = try await server.visitor.with("if-none-match", tag).get(
                "/functions/v1/core_version?minimal=true")
            #expect(again.status == 304)
            #expect(again.bytes.isEmpty)
            #expect(again.header("etag") == tag)
            #expect(again.header("cache-control") == "public, max-age=300")
            let other = try await server.visitor.with("if-none-match", tag).get("/functions/v1/core_version")
            #expect(other.status == 200)
        }
    }
}
