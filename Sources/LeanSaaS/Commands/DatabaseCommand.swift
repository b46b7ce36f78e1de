import ArgumentParser
import Platform
import Postgres

/// `leansaas db`: the database server itself.
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Look after the PostgreSQL server.", subcommands: [Tune.self])

    struct Tune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tune",
            abstract: "Compare the server with the production guide's figures; exit 1 when it differs.")

        @Option(help: "libpq URI, of a superuser for --apply; default DATABASE_BOOTSTRAP_URL.")
        var url: String?

        @Flag(help: "Set what differs, and let the server read it.")
        var apply = false

        func run() async throws {
            let differs: Bool
            do {
                differs = try await tune()
            } catch {
                throw Terminal.failure(error)
            }
            if differs { throw ExitCode.failure }
        }

        /// Whether the server differs in the end.
        private func tune() async throws -> Bool {
            guard let url = url ?? Terminal.environment["DATABASE_BOOTSTRAP_URL"] else {
                throw NotReady(reasons: ["give --url or DATABASE_BOOTSTRAP_URL"])
            }
            let tuning = Tuning(DatabaseSettings(url: url))
            let found = try await tuning.compare()
            let differing = found.filter { $0.standing == .differs }
            guard !differing.isEmpty else {
                Terminal.say(TuningReport.render(found))
                return false
            }
            let statements = differing.map { $0.figure.statement + ";" } + ["select pg_reload_conf();"]
            guard apply else {
                Terminal.say(TuningReport.render(found) + "\n\n" + statements.joined(separator: "\n"))
                return true
            }
            Terminal.say(statements.joined(separator: "\n") + "\n")
            let now = try await tuning.apply(found)
            Terminal.say(TuningReport.render(now))
            return now.contains { $0.standing == .differs }
        }
    }
}
