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
    /// What the paths begin with of this installation's databases outside of its folder, past ones too.
    let elsewhere: String
    let sockets: String
    let log: String

    /// - Parameter home: exists already.
    init(home directory: String, user: ServerUser) throws(ClusterFailure) {
        home = Self.absolute(directory)
        let hash = Self.hash(home)
        let inside = home + "/pg"
        // Root's own folders are closed to the user that PostgreSQL runs as: then the files are elsewhere, under a name
        // that stands in the folder. Who removes the folder has removed the database.
        elsewhere = "\(Self.shared)/\(hash)-"
        data = user.canReach(inside + "/x") ? inside : elsewhere + (try Self.identity(home))
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

    static let shared = "/var/lib/leansaas"

    /// Made up once for each folder.
    private static func identity(_ home: String) throws(ClusterFailure) -> String {
        let file = home + "/cluster"
        if let bytes = FileManager.default.contents(atPath: file), bytes.count == 16 {
            return String(decoding: bytes, as: UTF8.self)
        }
        let made = String(UInt64.random(in: .min ... .max) | 1 << 63, radix: 16)
        guard FileManager.default.createFile(atPath: file, contents: Data(made.utf8)) else {
            throw .place("\(file) cannot be written")
        }
        return made
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
