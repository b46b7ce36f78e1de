import ArgumentParser
import Features
import Platform
import Postgres

/// `leansaas dev`: everything on a laptop, in one process and a private database.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Serve on this machine with a private PostgreSQL in .lean.")

    @Option(help: "Port to listen on. Default: PORT, else 54321 or the next that is free.")
    var port: Int?

    @Option(help: "Where the database and the secrets live.")
    var data = ".lean"

    @Flag(help: "Take the listening sockets over from the process that serves on the port, which then ends.")
    var takeover = false

    func run() async throws {
        do {
            let port = try port ?? Self.portSet() ?? (takeover ? 54_321 : FreePort.first(from: 54_321))
            let development = Development(home: DevelopmentHome(directory: data))
            let running = try await development.opened(port: port)
            let configuration = try Configuration(running.sources, LeanSaaS.features).checked()
            try await ServeCommand.serve(configuration, takesOver: takeover) { node, port in
                do {
                    try await running.announce(node, port: port)
                } catch {
                    Terminal.complain("\(error)")
                }
            }
            try await running.close()
        } catch {
            throw Terminal.failure(error)
        }
    }

    /// PORT, where it is set; nil: it is not.
    private static func portSet() throws -> Int? {
        var read = SettingReader(
            sources: try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment))
        let port = ListenSettings(&read).port
        let report = read.report()
        guard let setting = report.settings.first(where: { $0.name == "PORT" }), setting.source != .default else {
            return nil
        }
        if let problem = report.problems(for: read.stage).first(where: { ["PORT", "api.port"].contains($0.name) }) {
            throw NotReady(reasons: ["\(problem.name) \(problem.message)"])
        }
        return port
    }
}
