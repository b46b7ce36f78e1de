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

/// Makes a cluster's files.
struct ClusterFiles: Sendable {
    let place: ClusterPlace
    let user: ServerUser

    /// The roles that the product logs in as.
    private static let roles = ["postgres", "lean_owner", "authenticator"]

    /// initdb with checksums, then our own configuration. Interrupted half-way it leaves no PG_VERSION of ours in place:
    /// the files are made under another name first.
    func make(with binaries: PostgresBinaries, durable: Bool) async throws {
        let parent = place.data.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "/" + parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        try removeOrphans()
        let draft = place.data + ".new"
        if FileManager.default.fileExists(atPath: draft) { try FileManager.default.removeItem(atPath: draft) }
        try user.claim(draft)
        try await initialize(draft, binaries)
        try write(configuration(durable: durable), to: draft + "/postgresql.auto.conf")
        try write(access, to: draft + "/pg_hba.conf")
        try write(names, to: draft + "/pg_ident.conf")
        guard rename(draft, place.data) == 0 else { throw ClusterFailure.place("\(place.data) cannot be written") }
    }

    /// Databases outside of a folder that was removed since: nothing leads to them any more.
    private func removeOrphans() throws {
        // Only root's are there, and only root may look.
        guard place.data.hasPrefix(place.elsewhere), FileManager.default.fileExists(atPath: ClusterPlace.shared) else {
            return
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: ClusterPlace.shared) {
            let path = ClusterPlace.shared + "/" + name
            guard path.hasPrefix(place.elsewhere), path != place.data else { continue }
            if let running = Postmaster(data: path), running.serves(path) { continue }
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func initialize(_ directory: String, _ binaries: PostgresBinaries) async throws {
        let log = place.home + "/initdb.log"
        let process = try ServerProcess(
            binaries.initdb,
            [
                "-D", directory, "-U", "postgres", "-A", "peer", "-k", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-instructions",
            ],
            as: user, log: log)
        let deadline = ContinuousClock.now + .seconds(120)
        while process.ended == nil {
            guard ContinuousClock.now < deadline else { throw ClusterFailure.initdb("no end after two minutes") }
            try await Task.sleep(for: .milliseconds(20))
        }
        guard process.ended == 0 else { throw ClusterFailure.initdb(Self.tail(log)) }
    }

    /// The directory of the socket is for who starts it by hand: we say it anew at each start, since a folder may be moved.
    private func configuration(durable: Bool) -> String {
        var lines = [
            "listen_addresses = ''",
            "unix_socket_directories = '\(place.sockets.replacing("'", with: "''"))'",
            "unix_socket_permissions = 0700",
            "max_connections = 200",
            "shared_buffers = 128MB",
            "log_timezone = 'UTC'",
            "timezone = 'UTC'",
        ]
        if !durable { lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private var access: String { "local all all peer map=lean\n" }

    private var names: String {
        let people = Set([ServerUser.ownName, user.name]).sorted()
        return people.flatMap { person in Self.roles.map { "lean \"\(person)\" \($0)\n" } }.joined()
    }

    /// Files of the server's user, closed to others.
    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        guard chmod(path, 0o600) == 0, chown(path, user.user, user.group) == 0 else {
            throw ClusterFailure.place("\(path) cannot be given to \(user.name)")
        }
    }

    /// The server's own log is kept to its last start once it has grown past 10 MiB.
    static func trimLog(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 10 * 1_048_576 else { return }
        guard truncate(path, 0) == 0 else { throw ClusterFailure.place("\(path) cannot be written") }
    }

    /// The last lines of a log, for people.
    static func tail(_ path: String) -> String {
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        let lines = String(decoding: bytes.suffix(4_096), as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.suffix(12).joined(separator: "\n")
    }
}
