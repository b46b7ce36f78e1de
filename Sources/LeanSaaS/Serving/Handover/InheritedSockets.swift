import Platform

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The sockets that systemd listens on for us (sd_listen_fds(3)): LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
enum InheritedSockets {
    /// Empty unless they were meant for this process. A socket named `https` speaks TLS; the others HTTP.
    static func found(_ environment: [String: String]) -> [ListeningSocket] {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), (1...8).contains(count)
        else { return [] }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return (0..<count).map { index in
            let descriptor = 3 + index
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let name = names.indices.contains(Int(index)) ? String(names[Int(index)]) : ""
            return ListeningSocket(ListeningSocket.Scheme(rawValue: name) ?? .http, adopting: descriptor)
        }
    }
}
