import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A TCP connection that sends what no HTTP client would.
package struct RawConnection: Sendable {
    private let descriptor: Int32
    private static let blocking = BlockingPool(name: "test-raw", threads: 16, queueLimit: 1_000)

    /// Connects to the server. Reading waits ten seconds at most.
    package init(_ server: TestServer) throws {
        try self.init(port: server.port)
    }

    package init(port: Int) throws {
        #if canImport(Glibc)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw RawConnectionFailure(code: errno) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    package func send(_ text: String) async throws {
        let bytes = Array(text.utf8)
        let descriptor = descriptor
        try await Self.blocking.run {
            guard write(descriptor, bytes, bytes.count) == bytes.count else { throw RawConnectionFailure(code: errno) }
        }
    }

    /// All that comes until the server closes the connection.
    package func untilClosed() async throws -> String {
        try await read { _ in false }
    }

    /// What comes until it holds `mark`, or the server closes the connection.
    package func until(_ mark: String) async throws -> String {
        try await read { $0.contains(mark) }
    }

    private func read(_ isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
        let descriptor = descriptor
        return try await Self.blocking.run {
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !isEnough(text) {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count == 0 { break }
                guard count > 0 else { throw RawConnectionFailure(code: errno) }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return text
        }
    }

    package func close() {
        _ = systemClose(descriptor)
    }
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// A read or write that failed, or ten seconds in which nothing came.
package struct RawConnectionFailure: Error {
    package let code: Int32
}

extension TestServer {
    /// What the server answers to these bytes before it closes the connection.
    package func raw(_ text: String) async throws -> String {
        let connection = try RawConnection(self)
        defer { connection.close() }
        try await connection.send(text)
        return try await connection.untilClosed()
    }
}
