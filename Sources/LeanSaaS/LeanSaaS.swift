import ArgumentParser
import Platform
import Threads

/// The program: hand it the product's features and it is the `leansaas` command.
///
///     await LeanSaaS.run(Product.features)
public enum LeanSaaS {
    /// Set once, before the command line is parsed: the parser makes its commands itself, so nothing can be handed to them.
    /// (A task local would do, but Swift 6.3's optimiser crashes on one around the program's main call.)
    private static let chosen = Locked<FeatureList>({ _, _ in [] })

    /// The features that the commands work on.
    static var features: FeatureList { chosen.withLock { $0 } }

    /// Parses the command line, runs the command and ends the process with its status.
    public static func run(_ features: @escaping FeatureList) async {
        chosen.withLock { $0 = features }
        await Root.main()
    }
}

/// `leansaas`, and its commands in the order in which one meets them.
struct Root: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leansaas",
        abstract: "The backend of a software-as-a-service product in one program.",
        version: Version.number,
        subcommands: [
            DevCommand.self, KeysCommand.self, UserCommand.self, RoutesCommand.self, DescribeCommand.self,
            CheckCommand.self,
            MigrateCommand.self, DatabaseCommand.self, ServeCommand.self, MaintenanceCommand.self, LimitsCommand.self,
            JobsCommand.self, AuditCommand.self, MailCommand.self, RunCommand.self,
        ]
    )
}
