import LeanSaaS
import Logging
import Platform
import Postgres
import Synchronization

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

/// The PostgreSQL that all tests of a process share: started at first use, stopped when the last process that uses it ends.
/// Nothing in it is worth keeping, so it does not wait for disks.
package enum TestCluster {
    private static let current = Mutex<Cluster?>(nil)
    private static let shared = Task { try await start() }

    package static func url(user: String, database: String) async throws -> String {
        try await shared.value.url(user: user, database: database)
    }

    /// Where a PgBouncer listens that leads to this cluster: the folder of its socket, at port 6432 (LEAN_TEST_POOLER). With
    /// it, whatever does not need a session goes through it.
    package static let pooler = ProcessInfo.processInfo.environment["LEAN_TEST_POOLER"]

    private static func start() async throws -> Cluster {
        var log = Logger(label: "tests")
        log.logLevel = .error
        let cluster = try await Cluster.start(in: directory, durable: false, logger: log)
        let superuser = DatabaseSettings(url: cluster.url(user: "postgres", database: "postgres"))
        let failures = try await Bootstrap.run(on: superuser)
        precondition(failures.isEmpty, "the roles of tests: \(failures)")
        current.withLock { $0 = cluster }
        atexit { TestCluster.current.withLock { $0?.leaveAtExit() } }
        return cluster
    }

    /// Beside the build, so that `git clean` takes it away.
    private static var directory: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let path = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "."
        return path + "/.build/test-cluster"
    }
}
