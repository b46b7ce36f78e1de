#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A socket that takes connections: a descriptor of ours, so that it can be handed to the process that follows.
package struct ListeningSocket: Sendable {
    /// What is spoken on it.
    package enum Scheme: String, Sendable {
        case http, https
    }

    package let scheme: Scheme
    package let descriptor: Int32

    /// A socket that was bound elsewhere: by the process before, or by systemd.
    package init(_ scheme: Scheme, adopting descriptor: Int32) {
        self.scheme = scheme
        self.descriptor = descriptor
    }

    /// Binds and listens. Resolves the name and so may block: not for the cooperative pool.
    ///
    /// - Throws: `ListeningFailure`, when the name is unknown, the port is taken or not ours to take.
    package static func bind(_ scheme: Scheme, host: String, port: Int) throws -> ListeningSocket {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Self.stream
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let first = found else {
            throw ListeningFailure(host: host, port: port, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.pointee.ai_family, Self.stream, 0)
        guard descriptor >= 0 else { throw ListeningFailure(host: host, port: port, errno) }
        do {
            try prepare(descriptor, first.pointee, host: host, port: port)
        } catch {
            _ = systemClose(descriptor)
            throw error
        }
        return ListeningSocket(scheme, adopting: descriptor)
    }

    private static func prepare(_ descriptor: Int32, _ address: addrinfo, host: String, port: Int) throws {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size) == 0,
            systemBind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            // As long a queue as the system allows: connections wait there while one process follows another.
            listen(descriptor, 4_096) == 0
        else { throw ListeningFailure(host: host, port: port, errno) }
    }

    /// The port it listens on; 0 when it is no longer open.
    package var port: Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return 0 }
                switch Int32(address.pointee.sa_family) {
                case AF_INET:
                    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        Int(UInt16(bigEndian: $0.pointee.sin_port))
                    }
                case AF_INET6:
                    return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        Int(UInt16(bigEndian: $0.pointee.sin6_port))
                    }
                default:
                    return 0
                }
            }
        }
    }

    /// A descriptor of the same socket for somebody who will close it.
    func duplicate() throws -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw ListeningFailure(host: "", port: port, errno) }
        return copy
    }

    /// Gives it up. Another process that has it goes on listening.
    package func close() {
        _ = systemClose(descriptor)
    }

    private static var stream: Int32 {
        #if canImport(Glibc)
        Int32(SOCK_STREAM.rawValue)
        #else
        SOCK_STREAM
        #endif
    }
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}

/// Why an address cannot be listened on.
package struct ListeningFailure: Error, CustomStringConvertible {
    let host: String
    let port: Int
    let reason: String

    init(host: String, port: Int, reason: String) {
        self.host = host
        self.port = port
        self.reason = reason
    }

    init(host: String, port: Int, _ code: Int32) {
        self.init(host: host, port: port, reason: String(cString: strerror(code)))
    }

    package var description: String { "cannot listen on \(host):\(port): \(reason)" }
}
