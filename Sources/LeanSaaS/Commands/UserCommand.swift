import ArgumentParser
import Features
import Platform

/// `leansaas user create|promote`.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Make an account, or make a person an operator.",
        subcommands: [Create.self, Promote.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a confirmed account. Without PASSWORD in the environment one is made up.")
        @OptionGroup var options: DataOptions
        @Argument(help: "The person's address.")
        var email: String
        @Flag(help: "An operator: passes maintenance, administers the installation.")
        var `operator` = false

        func run() async throws {
            let (email, isOperator) = (email, self.operator)
            let given = Terminal.environment["PASSWORD"]
            let password = given.map { Accounts.Password.chosen($0) } ?? .random()
            try await options.withNode(changing: "user create") { node in
                try await Accounts.create(email, password: password, isOperator: isOperator, node.services)
            }
            Terminal.say(given == nil ? "\(email)  \(password.text)" : email)
        }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "promote", abstract: "Make a person an operator.")
        @OptionGroup var options: DataOptions
        @Argument(help: "The person's address.")
        var email: String

        func run() async throws {
            let email = email
            try await options.withNode(changing: "user promote") { try await Accounts.promote(email, $0.services) }
            Terminal.say("\(email) is an operator")
        }
    }
}
