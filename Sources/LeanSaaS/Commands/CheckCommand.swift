import ArgumentParser
import Platform

/// `leansaas check`: tells all that is wrong with the settings, and exits 1 when the stage would refuse them.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Report on the settings; exit 1 when the server would refuse to start.")

    @Flag(help: "Judge by production's rules, whatever the stage is.")
    var production = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let configuration: Configuration
        do {
            let sources = try SettingSources.load(directory: Terminal.directory, environment: Terminal.environment)
            configuration = Configuration(sources, LeanSaaS.features)
        } catch {
            throw Terminal.failure(error)
        }
        let stage = production ? .production : configuration.stage
        let report = configuration.report
        Terminal.say(json ? CheckReport.json(report, stage: stage) : CheckReport.render(report, stage: stage))
        if !report.problems(for: stage).isEmpty { throw ExitCode.failure }
    }
}
