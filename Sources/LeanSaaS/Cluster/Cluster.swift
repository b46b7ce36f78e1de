import Logging
import Threads

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

/// A PostgreSQL of our own: a unix socket and no TCP, no passwords (the system tells who connects), running as an
/// unprivileged user. It outlives a process that is killed, and the next one adopts it; the last that leaves stops it.
package struct Cluster: Sendable {
    private let place: ClusterPlace
    /// Where its socket is: one that was adopted may have been started in another environment, which decides that.
    private let sockets: String
    private let users: FileLock
    /// Whether it ran already.
    package let adopted: Bool

    /// Finds the programs, makes the cluster when there is none, adopts a running one, else starts it, and waits until it
    /// takes connections.
    ///
    /// - Parameter durable: false gives up safety for speed; for tests.
    /// - Throws: `ClusterFailure`.
    package static func start(in directory: String, durable: Bool = true, logger: Logger) async throws -> Cluster {
        let user = try ServerUser.current()
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let place = try ClusterPlace(home: directory, user: user)
        let starting = try FileLock(place.home + "/starting.lock")
        let users = try FileLock(place.home + "/users.lock")
        try await until(.seconds(60), otherwise: .busy) { starting.tryExclusive() && users.tryShared() }
        defer { starting.release() }
        if let running = Postmaster(data: place.data), running.serves(place.data) {
            logger.debug("adopting the running PostgreSQL", metadata: ["pid": "\(running.id)"])
            try await waitUntilReady(place, process: nil)
            let sockets = Postmaster(data: place.data)?.sockets ?? place.sockets
            return Cluster(place: place, sockets: sockets, users: users, adopted: true)
        }
        let binaries = try PostgresBinaries.find(for: place.version)
        if place.version == nil {
            try await ClusterFiles(place: place, user: user).make(with: binaries, durable: durable)
        }
        try user.claim(place.sockets)
        try ClusterFiles.trimLog(place.log)
        try await outlast(Postmaster(data: place.data))
        // Not by its configuration, which was written where the folder was then.
        let process = try ServerProcess(
            binaries.postgres, ["-D", place.data, "-k", place.sockets], as: user, log: place.log)
        try await waitUntilReady(place, process: process)
        return Cluster(place: place, sockets: place.sockets, users: users, adopted: false)
    }

    /// A libpq URI over the socket.
    package func url(user: String, database: String) -> String {
        "postgresql://\(user)@/\(database)?host=\(Self.escaped(sockets))"
    }

    /// Lets go of the cluster. The last process that does stops it: others may still use it.
    package func leave() async throws {
        guard let running = signalIfLast() else { return }
        try await Self.until(.seconds(20), otherwise: .start("PostgreSQL does not stop")) {
            !running.serves(place.data)
        }
        // Empty now, unless somebody has just started it anew: then it stays.
        rmdir(sockets)
    }

    /// The same for a process that is about to end and cannot wait.
    package func leaveAtExit() {
        _ = signalIfLast()
    }

    /// SIGINT is PostgreSQL's fast shutdown: transactions are rolled back, files are closed in order.
    private func signalIfLast() -> Postmaster? {
        guard users.tryExclusive(), let running = Postmaster(data: place.data), running.serves(place.data) else {
            return nil
        }
        kill(running.id, SIGINT)
        return running
    }

    /// Waits for the last processes of a server that was killed. If they stay, PostgreSQL itself says what it thinks of that.
    private static func outlast(_ killed: Postmaster?) async throws {
        guard let killed else { return }
        let deadline = ContinuousClock.now + .seconds(30)
        while killed.isMemoryHeld, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// "ready" of a dead server may still stand in the file: the process named must be the one that runs.
    private static func waitUntilReady(_ place: ClusterPlace, process: ServerProcess?) async throws {
        try await until(.seconds(60), otherwise: .start(ClusterFiles.tail(place.log))) {
            if let process, process.ended != nil { throw ClusterFailure.start(ClusterFiles.tail(place.log)) }
            guard let found = Postmaster(data: place.data), found.isReady else { return false }
            return process.map { found.id == $0.id } ?? found.serves(place.data)
        }
    }

    /// Asks every 10 ms.
    private static func until(
        _ limit: Duration, otherwise failure: @autoclosure () -> ClusterFailure, _ isSo: () throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try !isSo() {
            guard ContinuousClock.now < deadline else { throw failure() }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static func escaped(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}
