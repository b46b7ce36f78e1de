#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where a cluster's files are: decided from the installation's directory alone, so that every process finds the same.
struct ClusterPlace: Sendable {
    /// The installation's own directory, absolute.
    let home: String
    let data: String
    let sockets: String
    let log: String

    init(home directory: String, user: ServerUser) throws(ClusterFailure) {
        home = Self.absolute(directory)
        let hash = Self.hash(home)
        let inside = home + "/pg"
        // Root's own folders are closed to the user that PostgreSQL runs as.
        data = user.canReach(inside + "/x") ? inside : "/var/lib/leansaas/\(hash)"
        sockets = Self.socketDirectory(hash)
        log = home + "/postgres.log"
        guard sockets.utf8.count + "/.s.PGSQL.5432".utf8.count < 104 else {
            throw .place("the path of the socket directory \(sockets) is too long; set TMPDIR to a shorter one")
        }
    }

    /// The major version of the cluster that is there.
    var version: String? {
        guard let bytes = FileManager.default.contents(atPath: data + "/PG_VERSION") else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
    }

    /// A short directory: a socket's path may have 107 bytes on Linux and 103 on macOS.
    private static func socketDirectory(_ hash: String) -> String {
        if geteuid() == 0, access("/run", W_OK) == 0 { return "/run/leansaas-\(hash)" }
        if let runtime = Terminal.environment["XDG_RUNTIME_DIR"], access(runtime, W_OK) == 0 {
            return "\(runtime)/lean-\(hash)"
        }
        let temporary = Terminal.environment["TMPDIR"] ?? "/tmp"
        return "\(temporary)/lean-\(geteuid())-\(hash)"
    }

    private static func absolute(_ path: String) -> String {
        let joined = path.hasPrefix("/") ? path : Terminal.directory + "/" + path
        var parts: [Substring] = []
        for part in joined.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// FNV-1a: only to give each directory its own names.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(String(value, radix: 16).suffix(12))
    }
}
