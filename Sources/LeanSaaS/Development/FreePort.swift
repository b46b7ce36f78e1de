#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Finds a port to listen on.
enum FreePort {
    /// The first port from `start` on that nobody listens on at 127.0.0.1; looks at 100.
    static func first(from start: Int) throws -> Int {
        for port in start..<(start + 100) where isFree(port) { return port }
        throw NotReady(reasons: ["all ports from \(start) to \(start + 99) are taken; give --port"])
    }

    private static func isFree(_ port: Int) -> Bool {
        #if canImport(Glibc)
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let socket = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
