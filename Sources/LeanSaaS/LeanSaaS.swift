import ArgumentParser
import Platform

/// The program: hand it the product's features and it is the `leansaas` command.
///
///     await LeanSaaS.run(Product.features)
public enum LeanSaaS {
    /// The features that the commands below work on.
    @TaskLocal static var features: FeatureList = { _, _ in [] }

    /// Parses the command line, runs the command and ends the process with its status.
    public static func run(_ features: @escaping FeatureList) async {
        await $features.withValue(features) {
            await Root.main()
        }
    }
}

/// `leansaas`, and its commands in the order in which one meets them.
struct Root: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leansaas",
        abstract: "The backend of a software-as-a-service product in one program.",
        version: Version.number,
        subcommands: [
            DevCommand.self, KeysCommand.self, UserCommand.self, RoutesCommand.self, CheckCommand.self,
            MigrateCommand.self, ServeCommand.self, MaintenanceCommand.self,
        ]
    )
}
