import ArgumentParser
import Platform

/// `leansaas run NAME …`: a command that a feature declares. Without a name it lists them.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a feature's own command; without a name, list them.")

    @OptionGroup var options: DataOptions

    @Argument(help: "The command.")
    var name: String?

    @Argument(parsing: .captureForPassthrough, help: "Its words.")
    var words: [String] = []

    func run() async throws {
        let (name, words) = (name, words)
        try await options.withNode { node in
            let commands = node.product.features.flatMap(\.commands)
            guard let name else {
                for command in commands { Terminal.say("\(command.name)  \(command.doc)") }
                return
            }
            guard let command = commands.first(where: { $0.name == name }) else {
                throw NotReady(reasons: ["no feature has a command \(name); `leansaas run` lists them"])
            }
            Terminal.say(try await command.run(words, node.services))
        }
    }
}
