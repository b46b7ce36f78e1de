import Platform
import TestKit
import Testing

/// What two readers could understand differently, sent as bytes.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct FramingTests {
    private static let smuggled = "0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
            + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n" + smuggled,
        "POST /auth/v1/signup HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled,
        "GET /livez HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\nHost: d\r\n\r\n",
        "GET /livez HTTP/1.1\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /livez HTTP/2.0\r\nHost: a\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: a\r\nX\u{0}: b\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n", "GET / /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func `an ambiguous request is refused once, and nothing behind it is read`(_ request: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.raw(request)
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer.prefix(300))")
            #expect(answer.components(of: "HTTP/1.1 ") == 1, "\(answer)")
            checkEdge(answer)
        }
    }

    @Test(arguments: ["TRACE /livez", "TRACE /nowhere", "CONNECT example.com:443"])
    func `TRACE and CONNECT are refused`(_ line: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.raw("\(line) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 405 "), "\(answer.prefix(300))")
            checkEdge(answer)
        }
    }

    @Test func `a head that is too large is a 431, in the shape of its answers`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.raw(
                "GET /livez HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer.prefix(300))")
            #expect(answer.contains("\"code\":\"HEADERS_TOO_LARGE\""))
            checkEdge(answer)
        }
    }

    @Test func `trailers without end are refused, not waited for`() async throws {
        try await TestNode.serving { server in
            let trailers = String(repeating: "X: a\r\n", count: 10_000)
            let answer = try await server.raw(
                "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\(trailers)\r\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer.prefix(300))")
            checkEdge(answer)
        }
    }

    @Test func `an unknown expectation is a 417, the known one is met`() async throws {
        try await TestNode.serving { server in
            let head = "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n"
            let refused = try await server.raw(head + "Expect: miracles\r\n\r\n{}")
            #expect(refused.hasPrefix("HTTP/1.1 417 "), "\(refused.prefix(300))")
            let connection = try RawConnection(server)
            defer { connection.close() }
            try await connection.send(head + "Expect: 100-continue\r\n\r\n")
            #expect(try await connection.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send("{}")
            #expect(try await connection.untilClosed().hasPrefix("HTTP/1.1 422 "))
        }
    }

    @Test func `requests in a row are answered in their order`() async throws {
        try await TestNode.serving { server in
            let one = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
            let last = "GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n"
            let answer = try await server.raw(one + one + last + one)
            #expect(answer.components(of: "HTTP/1.1 200 ") == 2)
            #expect(answer.components(of: "HTTP/1.1 404 ") == 1)
            #expect(answer.components(of: "Connection: close") == 1)
        }
    }

    private func checkEdge(_ answer: String) {
        let headers = answer.lowercased()
        #expect(headers.contains("x-content-type-options: nosniff"))
        #expect(headers.contains("strict-transport-security: max-age=63072000"))
        #expect(headers.contains("x-request-id: "))
        #expect(headers.contains("date: "))
        #expect(headers.contains("connection: close"))
        #expect(!headers.contains("server: "))
    }
}

extension String {
    fileprivate func components(of mark: String) -> Int {
        ranges(of: mark).count
    }
}
