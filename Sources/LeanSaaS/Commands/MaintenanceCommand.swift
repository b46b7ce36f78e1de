import ArgumentParser
import Features
import Platform

/// `leansaas maintenance on|off|status`: closes and opens the product on all nodes.
struct MaintenanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance", abstract: "Close the product for maintenance, or open it, on all nodes.",
        subcommands: [On.self, Off.self, Status.self], defaultSubcommand: Status.self)

    struct On: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "on", abstract: "Answer 503, but to operators.")
        @OptionGroup var options: DataOptions
        @Option(help: "What visitors are told.")
        var message = "System maintenance in progress"

        func run() async throws {
            let message = message
            try await options.withNode(changing: "maintenance on") {
                try await MaintenanceSwitch.on(message, $0.services.platform)
            }
            Terminal.say("closed: \(message)")
        }
    }

    struct Off: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "off", abstract: "Open the product.")
        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.withNode(changing: "maintenance off") {
                try await MaintenanceSwitch.off($0.services.platform)
            }
            Terminal.say("open")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "status", abstract: "Say whether it is closed.")
        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.withNode { node in
                let notice = try await MaintenanceSwitch.status(node.services.platform)
                Terminal.say(notice.map { "closed: \($0)" } ?? "open")
            }
        }
    }
}
