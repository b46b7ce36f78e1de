import Foundation
import LeanSaaS
import Logging
import Postgres
import TestKit
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The private PostgreSQL, for real: each test has one in a temporary directory.
@Suite(.serialized) struct ClusterTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func inDirectory(_ suffix: String = "", _ body: (String) async throws -> Void) async throws {
        let root = "/tmp/lean-test-\(UUID().uuidString.prefix(8))"
        let path = root + suffix
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        do { try await body(path) } catch {
            try FileManager.default.removeItem(atPath: root)
            throw error
        }
        try FileManager.default.removeItem(atPath: root)
    }

    static func start(_ path: String) async throws -> Cluster {
        try await Cluster.start(in: path, durable: false, logger: log)
    }

    static func pid(_ path: String) throws -> pid_t {
        let text = try String(contentsOfFile: path + "/pg/postmaster.pid", encoding: .utf8)
        return try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
    }

    /// The process has ended and been reaped, in bounded time.
    static func gone(_ pid: pid_t) async throws {
        try await until("the process has ended") { kill(pid, 0) != 0 }
    }

    private static func answer(_ cluster: Cluster) async throws -> Int {
        let database = Database(DatabaseSettings(url: cluster.url(user: "postgres", database: "postgres")))
        let answer: Int = try await database.one("select 42 as n") { try $0["n"] }
        await database.close()
        return answer
    }

    @Test func `it is made, serves without TCP, is not root's, and stops when the last leaves`() async throws {
        try await Self.inDirectory("/a path with spaces") { path in
            let cluster = try await Self.start(path)
            #expect(!cluster.adopted)
            #expect(try await Self.answer(cluster) == 42)
            let pid = try Self.pid(path)
            var status = stat()
            #expect(stat("/proc/\(pid)", &status) == 0)
            #expect(status.st_uid != 0)
            let database = Database(DatabaseSettings(url: cluster.url(user: "postgres", database: "postgres")))
            let addresses: String = try await database.one("show listen_addresses") { try $0["listen_addresses"] }
            #expect(addresses == "")
            await database.close()
            try await cluster.leave()
            try await Self.gone(pid)
        }
    }

    @Test func `a folder that was moved keeps its database, also while it runs`() async throws {
        try await Self.inDirectory("/first") { path in
            let moved = path.replacing("/first", with: "/second")
            try await Self.visit(path, adopting: false) {
                #expect(rename(path, moved) == 0)
                try await Self.visit(moved, adopting: true)
            }
            // The last that left knew it by its old name alone, and did not stop it.
            try await Self.visit(moved, adopting: true)
            #expect(rename(moved, path) == 0)
            try await Self.visit(path, adopting: false)
        }
    }

    /// Starts or adopts it, asks it, and leaves it: its locks end with the value.
    private static func visit(
        _ path: String, adopting: Bool, _ meanwhile: () async throws -> Void = {}
    ) async throws {
        let cluster = try await start(path)
        #expect(cluster.adopted == adopting)
        #expect(try await answer(cluster) == 42)
        try await meanwhile()
        try await cluster.leave()
    }

    @Test func `a second user adopts it, and it runs until both have left`() async throws {
        try await Self.inDirectory { path in
            let one = try await Self.start(path)
            let two = try await Self.start(path)
            #expect(two.adopted)
            let pid = try Self.pid(path)
            try await one.leave()
            #expect(kill(pid, 0) == 0)
            #expect(try await Self.answer(two) == 42)
            try await two.leave()
            try await Self.gone(pid)
        }
    }

    @Test func `after a kill it starts anew, whatever its files say`() async throws {
        try await Self.inDirectory { path in
            let one = try await Self.start(path)
            let pid = try Self.pid(path)
            kill(pid, SIGKILL)
            try await Self.gone(pid)
            let two = try await Self.start(path)
            #expect(!two.adopted)
            #expect(try await Self.answer(two) == 42)
            try await one.leave()
            try await two.leave()
        }
    }

    @Test func `it waits for the children of a server that was killed, which hold its memory`() async throws {
        try await Self.inDirectory { path in
            let one = try await Self.start(path)
            let pid = try Self.pid(path)
            let child = try #require(try Self.children(of: pid).first)
            kill(child, SIGSTOP)
            kill(pid, SIGKILL)
            try await Self.gone(pid)
            async let starting = Self.start(path)
            try await until("it is starting") { try Self.isLocked(path + "/starting.lock") }
            // Stopped, the child cannot notice that its server is gone.
            kill(child, SIGCONT)
            let two = try await starting
            #expect(!two.adopted)
            #expect(try await Self.answer(two) == 42)
            try await one.leave()
            try await two.leave()
        }
    }

    private static func children(of pid: pid_t) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { id in
            // After the name in parentheses: the state, then the parent.
            guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
            return text.split(separator: ")").last?.split(separator: " ").dropFirst().first == "\(pid)"
        }
    }

    private static func isLocked(_ path: String) throws -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }

    @Test func `a cluster of another major version is refused with the remedy`() async throws {
        try await Self.inDirectory { path in
            try FileManager.default.createDirectory(atPath: path + "/pg", withIntermediateDirectories: true)
            try "12\n".write(toFile: path + "/pg/PG_VERSION", atomically: true, encoding: .utf8)
            do {
                _ = try await Self.start(path)
                Issue.record("it cannot start")
            } catch let failure as ClusterFailure {
                #expect(failure.description.contains("PostgreSQL 12"))
                #expect(failure.description.contains("postgresql-12"))
            }
        }
    }
}
