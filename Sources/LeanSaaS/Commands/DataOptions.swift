import ArgumentParser
import Features
import Platform

/// For commands that work on a running installation: `--data DIR` for a development one, else the settings' database.
struct DataOptions: ParsableArguments {
    @Option(
        help: "Directory of a development installation. Default: .lean when it is there and DATABASE_URL is not set.")
    var data: String?

    /// Runs `body` with a node on the installation's database; the development cluster is started if it must be.
    ///
    /// - Parameter change: what the command changes, as the audit log is to say it; nil: nothing.
    /// - Throws: `ExitCode.failure`, once what is wrong has been told.
    func withNode<Value: Sendable>(
        changing change: String? = nil, _ body: @Sendable (Node) async throws -> Value
    ) async throws -> Value {
        do {
            if let home = developmentHome {
                guard home.exists else { throw NotReady.noInstallation(home.directory) }
                let running = try await Development(home: home).opened()
                let value: Value
                do {
                    value = try await run(Configuration(running.sources, LeanSaaS.features).checked(), change, body)
                } catch {
                    try await running.close()
                    throw error
                }
                try await running.close()
                return value
            } else {
                let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
                return try await run(Configuration(sources, LeanSaaS.features).checked(), change, body)
            }
        } catch {
            throw Terminal.failure(error)
        }
    }

    private func run<Value: Sendable>(
        _ configuration: Configuration, _ change: String?, _ body: @Sendable (Node) async throws -> Value
    ) async throws -> Value {
        let (log, sink) = configuration.server.log.logger()
        defer { sink.flush() }
        let node = try Node(configuration, log: log)
        do {
            let value = try await body(node)
            if let change {
                node.services.events.emit(.operatorCommand, ["action": change], log: node.services.log)
            }
            await node.close()
            return value
        } catch {
            await node.close()
            throw error
        }
    }

    var developmentHome: DevelopmentHome? {
        if let data { return DevelopmentHome(directory: data) }
        let usual = DevelopmentHome(directory: ".lean")
        return Terminal.environment["DATABASE_URL"] == nil && usual.exists ? usual : nil
    }
}
