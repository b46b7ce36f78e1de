import ArgumentParser
import Codecs
import Platform

/// `leansaas keys`: what a client is made with; and the key pairs that sign access tokens.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Print the keys of clients; rotate, list, revoke and retire signing keys.",
        subcommands: [Show.self, Rotate.self, Standby.self, List.self, Revoke.self, Retire.self, Reseal.self],
        defaultSubcommand: Show.self)
}

/// The two keys of clients.
struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the URL, the anon key and the service_role key.")

    @OptionGroup var options: DataOptions

    @Flag(help: "Print JSON: {url, anonKey, serviceRoleKey}.")
    var json = false

    func run() async throws {
        do {
            let keys = try await found()
            if json {
                let object: JSON = [
                    "url": .string(keys.url), "anonKey": .string(keys.anon), "serviceRoleKey": .string(keys.service),
                ]
                Terminal.say(object.text)
            } else {
                Terminal.say(
                    "URL               \(keys.url)\nanon key          \(keys.anon)\nservice_role key  \(keys.service)")
            }
        } catch {
            throw Terminal.failure(error)
        }
    }

    private func found() async throws -> ClientKeys {
        if let home = options.developmentHome { return try home.keys() }
        let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
        let configuration = try Configuration(sources, LeanSaaS.features).checked()
        return try await ClientKeys.made(configuration.basics, now: WallClock.system.now())
    }
}
