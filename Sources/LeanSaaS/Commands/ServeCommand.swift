import ArgumentParser
import Platform
import Postgres

/// `leansaas serve`: production, with DATABASE_URL.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve with the database that DATABASE_URL names.")

    @Option(help: "Port to listen on, in place of PORT.")
    var port: Int?

    @Flag(help: "Take the listening sockets over from the process that serves on the port, which then ends.")
    var takeover = false

    func run() async throws {
        do {
            var environment = Terminal.environment
            if let port { environment["PORT"] = String(port) }
            let sources = try SettingSources.load(directory: Terminal.directory, environment: environment)
            let configuration = try Configuration(sources, LeanSaaS.features).checked()
            try await Self.serve(configuration, takesOver: takeover) { _, _ in }
        } catch {
            throw Terminal.failure(error)
        }
    }

    /// Runs a node from its configuration to its end.
    static func serve(
        _ configuration: Configuration, takesOver: Bool = false,
        onRunning: @escaping @Sendable (Node, Int) async -> Void
    ) async throws {
        let (log, sink) = configuration.server.log.logger()
        defer { sink.flush() }
        let node = try Node(configuration, log: log)
        let faults = await configuration.server.keys.faults(node.services.tokens, node.services.clock)
        guard faults.isEmpty else { throw NotReady(reasons: faults) }
        try await bringUpToDate(node, configuration)
        try await node.serve(takesOver: takesOver) { port in
            log.notice("serving", metadata: ["port": "\(port)", "version": "\(Version.number)"])
            await onRunning(node, port)
        }
        log.notice("stopped")
    }

    private static func bringUpToDate(_ node: Node, _ configuration: Configuration) async throws {
        if let owner = configuration.server.migration {
            let applied = try await node.migrate(owner)
            if !applied.isEmpty { node.services.log.notice("migrated", metadata: ["applied": "\(applied.count)"]) }
            return
        }
        let pending = try await node.pendingMigrations()
        guard pending.isEmpty else {
            throw NotReady(reasons: [
                "\(pending.count) migrations are pending (\(pending.prefix(3).joined(separator: ", "))…); run "
                    + "`leansaas migrate up`, or set DATABASE_MIGRATION_URL so that `serve` does"
            ])
        }
    }
}

/// Why the server does not start.
struct NotReady: Error, CustomStringConvertible {
    let reasons: [String]
    var description: String { "not ready:\n" + reasons.map { "  - \($0)" }.joined(separator: "\n") }

    static func noInstallation(_ directory: String) -> NotReady {
        NotReady(reasons: ["\(directory) is no installation; run `leansaas dev --data \(directory)` first"])
    }
}
