import Foundation
import Platform
import Providers
import Threads

/// A redis-server of one test's own, in a directory of its own, on a free port of 127.0.0.1. It keeps nothing on disk.
package final class TestRedis: Sendable {
    package let port: Int
    package let directory: String
    private let arguments: [String]
    private let process = Locked<ChildProcess?>(nil)
    /// Ended with the tests' process, whatever became of the test.
    private static let running = Locked<[pid_t]>([])
    private static let end: Void = {
        atexit { for id in TestRedis.running.withLock({ $0 }) { kill(id, SIGKILL) } }
    }()

    private init(port: Int, directory: String, arguments: [String]) {
        self.port = port
        self.directory = directory
        self.arguments = arguments
    }

    /// Runs a server for the length of `body`.
    ///
    /// - Parameter configuration: lines of redis.conf, such as `user ann on >secret ~* &* +@all`. `DIR` in them stands for the
    ///   server's directory.
    package static func running<Value: Sendable>(
        _ configuration: [String] = [], files: [String: String] = [:],
        _ body: (TestRedis) async throws -> Value
    ) async throws -> Value {
        let server = try await start(configuration, files: files)
        defer { server.remove() }
        return try await body(server)
    }

    package static func start(
        _ configuration: [String] = [], files: [String: String] = [:], arguments: [String] = []
    ) async throws -> TestRedis {
        _ = end
        let directory = NSTemporaryDirectory() + "lean-redis-" + UUID().uuidString.prefix(8).lowercased()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (name, text) in files {
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
        let port = try await FreeListener.port()
        let lines =
            [
                "port \(port)", "bind 127.0.0.1", "dir \(directory)", "save \"\"", "appendonly no", "databases 4",
                "logfile \(directory)/log", "unixsocket \(directory)/socket",
            ] + configuration.map { $0.replacing("DIR", with: directory).replacing("PORT", with: "\(port)") }
        try lines.joined(separator: "\n").write(
            toFile: "\(directory)/redis.conf", atomically: true, encoding: .utf8)
        let server = TestRedis(
            port: port, directory: directory, arguments: ["\(directory)/redis.conf"] + arguments)
        try await server.launch()
        return server
    }

    package var id: pid_t { process.withLock { $0?.id ?? 0 } }

    /// Starts it again, empty, where it was.
    package func launch() async throws {
        let process = try ChildProcess(
            "redis-server", arguments, environment: ProcessInfo.processInfo.environment, in: directory)
        self.process.withLock { $0 = process }
        Self.running.withLock { $0.append(process.id) }
        let socket = "\(directory)/socket"
        try await until("redis-server listens") {
            guard process.isRunning else { throw RedisDidNotStart(log: self.log) }
            return FileManager.default.fileExists(atPath: socket) && self.isReady
        }
    }

    /// It keeps its connections and says nothing: SIGSTOP.
    package func pause() { kill(id, SIGSTOP) }
    package func resume() { kill(id, SIGCONT) }

    /// Ends it as a crash would, and returns when it is gone.
    package func crash() async throws {
        guard let process = process.withLock({ $0 }) else { return }
        kill(process.id, SIGKILL)
        try await until("redis-server is gone") { !process.isRunning }
        try? FileManager.default.removeItem(atPath: "\(directory)/socket")
        try? FileManager.default.removeItem(atPath: "\(directory)/log")
        let id = process.id
        Self.running.withLock { $0.removeAll { $0 == id } }
    }

    package func remove() {
        let id = id
        kill(id, SIGKILL)
        Self.running.withLock { $0.removeAll { $0 == id } }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A Sentinel says it in words of its own.
    private var isReady: Bool { log.contains("eady to accept connections") || log.contains("Sentinel ID is") }

    package var log: String {
        (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? ""
    }

    package var address: RedisAddress { .host("127.0.0.1", port: port) }

    /// The environment of a node that uses it.
    package var settings: [String: String] { ["REDIS_URL": "redis://127.0.0.1:\(port)"] }

    /// A client for the length of `body`.
    package func client<Value: Sendable>(
        _ change: (inout RedisOptions) -> Void = { _ in }, _ body: (RedisClient) async throws -> Value
    ) async throws -> Value {
        var options = RedisOptions(.server(address))
        // Machines that build and test at once are slow: what is not about deadlines has a generous one.
        options.commandTimeout = .seconds(5)
        change(&options)
        return try await withStore(RedisClient(options), body)
    }
}

/// The store for the length of `body`.
package func withStore<Store: RedisStore, Value: Sendable>(
    _ store: Store, _ body: (Store) async throws -> Value
) async throws -> Value {
    do {
        let value = try await body(store)
        await store.shutDown()
        return value
    } catch {
        await store.shutDown()
        throw error
    }
}

package struct RedisDidNotStart: Error {
    package let log: String
}
