#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where processes that follow each other meet: a socket that only our own user can reach.
struct HandoverPlace: Sendable {
    let path: String

    /// - Parameters:
    ///   - setting: HANDOVER_SOCKET; empty: a place of the system's for this port.
    ///   - port: what is handed over.
    init(setting: String, port: Int) {
        path = setting.isEmpty ? "\(Self.directory)/handover-\(port).sock" : setting
    }

    private static var directory: String {
        if geteuid() == 0, access("/run", W_OK) == 0 { return "/run/leansaas" }
        if let runtime = Terminal.environment["XDG_RUNTIME_DIR"], access(runtime, W_OK) == 0 {
            return runtime + "/leansaas"
        }
        return "\(Terminal.environment["TMPDIR"] ?? "/tmp")/leansaas-\(geteuid())"
    }

    /// Makes the directory. In a place that all may write to somebody else could have made it, to be handed our sockets.
    ///
    /// - Throws: `HandoverFailure` when it is not ours alone.
    func prepare() throws {
        guard let end = path.lastIndex(of: "/") else {
            throw HandoverFailure("HANDOVER_SOCKET must be an absolute path")
        }
        let directory = String(path[..<end])
        mkdir(directory, 0o700)
        var facts = stat()
        guard lstat(directory, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid(),
            facts.st_mode & 0o022 == 0
        else { throw HandoverFailure("\(directory) must be a directory of ours that nobody else can write to") }
    }
}
