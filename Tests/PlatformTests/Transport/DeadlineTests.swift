import Platform
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct DeadlineTests {
    private static let short = [
        "HTTP_HEADER_TIMEOUT": "1s", "HTTP_BODY_TIMEOUT": "1s", "HTTP_REQUEST_TIMEOUT": "2s", "HTTP_IDLE_TIMEOUT": "1s",
    ]

    @Test func `a head that does not end is a 408`() async throws {
        try await TestNode.serving(settings: Self.short) { server in
            let answer = try await server.raw("GET /livez HTTP/1.1\r\nHost: a\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
            #expect(answer.contains("\"code\":\"REQUEST_TIMEOUT\""))
        }
    }

    @Test func `a body that does not end is a 408, in its surface's shape`() async throws {
        try await TestNode.serving(settings: Self.short) { server in
            let answer = try await server.raw(
                "POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
            #expect(answer.contains("\"error_code\":\"request_timeout\""))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }

    @Test func `a connection that is idle is closed without a word`() async throws {
        try await TestNode.serving(settings: Self.short) { server in
            let answer = try await server.raw("")
            #expect(answer == "")
        }
    }

    @Test func `a body that nobody will read ends the connection, and the answer arrives`() async throws {
        try await TestNode.serving { server in
            let connection = try RawConnection(server)
            defer { connection.close() }
            try await connection.send("POST /auth/v1/signup HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n{")
            let answer = try await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
            #expect(answer.contains("Connection: close"))
        }
    }

    @Test func `one address has so many connections and no more`() async throws {
        let settings = ["HTTP_MAX_CONNECTIONS_PER_ADDRESS": "2", "TRUSTED_PROXIES": "192.0.2.0/24"]
        try await TestNode.serving(settings: settings) { server in
            let request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
            let first = try RawConnection(server)
            let second = try RawConnection(server)
            for connection in [first, second] {
                try await connection.send(request)
                #expect(try await connection.until("ok\n").hasPrefix("HTTP/1.1 200 "))
            }
            let third = try RawConnection(server)
            defer { third.close() }
            #expect(try await third.untilClosed() == "")
            first.close()
            second.close()
        }
    }
}
