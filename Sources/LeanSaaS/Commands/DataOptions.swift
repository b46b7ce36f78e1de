import ArgumentParser
import Platform

/// For commands that work on a running installation: `--data DIR` for a development one, else the settings' database.
struct DataOptions: ParsableArguments {
    @Option(
        help: "Directory of a development installation. Default: .lean when it is there and DATABASE_URL is not set.")
    var data: String?

    /// Runs `body` with a node on the installation's database; the development cluster is started if it must be.
    func withNode(_ body: @Sendable (Node) async throws -> Void) async throws {
        do {
            if let home = developmentHome {
                let running = try await Development(home: home).opened()
                do {
                    try await run(Configuration(running.sources, LeanSaaS.features).checked(), body)
                } catch {
                    try await running.close()
                    throw error
                }
                try await running.close()
            } else {
                let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
                try await run(Configuration(sources, LeanSaaS.features).checked(), body)
            }
        } catch {
            throw Terminal.failure(error)
        }
    }

    private func run(_ configuration: Configuration, _ body: @Sendable (Node) async throws -> Void) async throws {
        let (log, sink) = configuration.server.log.logger()
        defer { sink.flush() }
        let node = try Node(configuration, log: log)
        try await body(node)
        await node.services.database.close()
    }

    var developmentHome: DevelopmentHome? {
        if let data { return DevelopmentHome(directory: data) }
        let usual = DevelopmentHome(directory: ".lean")
        return Terminal.environment["DATABASE_URL"] == nil && usual.exists ? usual : nil
    }
}
