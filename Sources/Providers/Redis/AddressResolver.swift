import NIOCore
import NIOPosix
import Synchronization
import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Looks up a name's addresses of one family, or of both, on threads of its own: a name server that hangs holds nothing else.
final class AddressResolver: Resolver, Sendable {
    private static let threads = BlockingPool(name: "lean-resolve", threads: 2, queueLimit: 256)

    private let loop: any EventLoop
    private let family: RedisOptions.Family
    private let isCancelled = Atomic<Bool>(false)

    init(_ family: RedisOptions.Family, on loop: any EventLoop) {
        self.family = family
        self.loop = loop
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        family == .v6 ? loop.makeSucceededFuture([]) : look(for: host, port, AF_INET)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        family == .v4 ? loop.makeSucceededFuture([]) : look(for: host, port, AF_INET6)
    }

    func cancelQueries() {
        isCancelled.store(true, ordering: .relaxed)
    }

    private func look(for host: String, _ port: Int, _ family: Int32) -> EventLoopFuture<[SocketAddress]> {
        loop.makeFutureWithTask { [self] in
            try await Self.threads.run { [self] in
                // One that waited behind a hanging name server until nobody waits for it.
                guard !isCancelled.load(ordering: .relaxed) else { return [] }
                return Self.addresses(of: host, port, family)
            }
        }
    }

    /// None when the name has none: the connect that follows tells it.
    private static func addresses(of host: String, _ port: Int, _ family: Int32) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [SocketAddress] = []
        for entry in sequence(first: first, next: { $0?.pointee.ai_next }) {
            guard let entry, let address = entry.pointee.ai_addr else { break }
            switch entry.pointee.ai_family {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    found.append(SocketAddress($0.pointee, host: host))
                }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    found.append(SocketAddress($0.pointee, host: host))
                }
            default: break
            }
        }
        return found
    }
}
