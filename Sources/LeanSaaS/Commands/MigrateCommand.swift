import ArgumentParser
import Platform
import Postgres

/// `leansaas migrate`: the database's roles and schema.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Make the roles, see and apply migrations.",
        subcommands: [BootstrapRoles.self, Status.self, Up.self], defaultSubcommand: Status.self)

    /// Once per database, as a superuser.
    struct BootstrapRoles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bootstrap", abstract: "Make the roles, with a superuser's URL.")

        @Option(help: "libpq URI of a superuser; default DATABASE_BOOTSTRAP_URL.")
        var url: String?

        func run() async throws {
            guard let url = url ?? Terminal.environment["DATABASE_BOOTSTRAP_URL"] else {
                throw Terminal.failure(NotReady(reasons: ["give --url or DATABASE_BOOTSTRAP_URL"]))
            }
            let failures: [Bootstrap.Failure]
            do {
                failures = try await Bootstrap.run(on: DatabaseSettings(url: url))
            } catch {
                throw Terminal.failure(error)
            }
            guard failures.isEmpty else {
                throw Terminal.failure(NotReady(reasons: failures.map { "could not do: \($0)" }))
            }
            Terminal.say(
                """
                The roles are there. Give lean_owner and authenticator passwords of their own:
                  alter role authenticator password '…';  alter role lean_owner password '…';
                """)
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Say which migrations are applied.")

        func run() async throws {
            do {
                let (node, owner) = try MigrateCommand.node()
                let states = try await Migrator(owner, node.migrations).status()
                for state in states { Terminal.say("\(state.standing.rawValue)  \(state.feature)/\(state.id)") }
                if states.contains(where: { $0.standing == .pending || $0.standing == .changed }) {
                    throw ExitCode.failure
                }
            } catch let code as ExitCode {
                throw code
            } catch {
                throw Terminal.failure(error)
            }
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "up", abstract: "Apply what is missing.")

        func run() async throws {
            do {
                let (node, owner) = try MigrateCommand.node()
                let applied = try await node.migrate(owner)
                for name in applied { Terminal.say("applied  \(name)") }
                Terminal.say("The schema is up to date.")
            } catch {
                throw Terminal.failure(error)
            }
        }
    }

    private static func node() throws -> (Node, DatabaseSettings) {
        let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
        let configuration = Configuration(sources, LeanSaaS.features)
        guard let owner = configuration.server.migration else {
            throw NotReady(reasons: ["set DATABASE_MIGRATION_URL to PostgreSQL as the role lean_owner"])
        }
        let (log, _) = configuration.server.log.logger()
        return (try Node(configuration, log: log), owner)
    }
}
