import AsyncHTTPClient
import Codecs
import NIOCore
import NIOHTTP1
import Testing

/// Sends requests as one caller.
package struct TestClient: Sendable {
    package let server: TestServer
    package var headers: [String: String]

    package init(server: TestServer, headers: [String: String]) {
        self.server = server
        self.headers = headers
    }

    package func with(_ name: String, _ value: String) -> TestClient {
        var client = self
        client.headers[name] = value
        return client
    }

    package func get(_ path: String) async throws -> TestAnswer { try await send(.GET, path) }
    package func delete(_ path: String) async throws -> TestAnswer { try await send(.DELETE, path) }

    package func post(_ path: String, _ body: JSON? = nil) async throws -> TestAnswer {
        try await send(.POST, path, body?.encoded())
    }

    package func put(_ path: String, _ body: JSON) async throws -> TestAnswer {
        try await send(.PUT, path, body.encoded())
    }

    package func patch(_ path: String, _ body: JSON) async throws -> TestAnswer {
        try await send(.PATCH, path, body.encoded())
    }

    package func send(_ method: HTTPMethod, _ path: String, _ body: [UInt8]? = nil) async throws -> TestAnswer {
        var request = HTTPClientRequest(url: server.url + path)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            if request.headers["content-type"].isEmpty {
                request.headers.add(name: "content-type", value: "application/json")
            }
            request.body = .bytes(body)
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let buffer = try await response.body.collect(upTo: 16_777_216)
        let answer = TestAnswer(
            status: Int(response.status.code), headers: response.headers, bytes: Array(buffer.readableBytesView))
        for fault in server.declared.faults(answer, method.rawValue, path) {
            Issue.record("\(method.rawValue) \(path): \(fault)")
        }
        return answer
    }
}

/// What came back.
package struct TestAnswer: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let bytes: [UInt8]

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The body as JSON. Throws when it is none.
    package var json: JSON {
        get throws { try JSON(parsing: bytes) }
    }

    package func header(_ name: String) -> String? { headers[name].first }
}
