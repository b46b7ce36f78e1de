import ArgumentParser
import Features
import Platform

/// `leansaas jobs list|dead|retry|run`: what waits, what failed for good, and beginning anew.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Show jobs, run what is due, and begin dead ones anew.",
        subcommands: [List.self, Dead.self, Retry.self, Run.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Jobs that wait or run, the next first.")
        @OptionGroup var options: DataOptions
        @Option(help: "The most that are shown.") var limit = 50

        func run() async throws {
            let limit = limit
            try await options.withNode { JobsCommand.print(try await JobsSwitch.list(limit, $0.services)) }
        }
    }

    struct Dead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dead", abstract: "Jobs that failed for the last time, and why.")
        @OptionGroup var options: DataOptions
        @Option(help: "The most that are shown.") var limit = 50

        func run() async throws {
            let limit = limit
            try await options.withNode { JobsCommand.print(try await JobsSwitch.dead(limit, $0.services)) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Begin dead jobs anew: one, those of a kind, or all.")
        @OptionGroup var options: DataOptions
        @Argument(help: "A job's id.") var id: String?
        @Option(help: "All dead jobs of this kind.") var kind: String?
        @Flag(help: "All dead jobs.") var all = false

        func validate() throws {
            guard [id != nil, kind != nil, all].count(where: { $0 }) == 1 else {
                throw ValidationError("Say which: an id, --kind, or --all.")
            }
        }

        func run() async throws {
            let (id, kind) = (id, kind)
            try await options.withNode(changing: "jobs retry") { node in
                let begun = try await JobsSwitch.retry(id: id, kind: kind, node.services)
                if begun == 0, let id { throw NotReady(reasons: ["no dead job has the id \(id)"]) }
                if begun == 0, let kind, !node.services.jobs.kinds.contains(kind) {
                    throw NotReady(reasons: ["no feature has jobs of the kind \(kind), and no dead job is of it"])
                }
                Terminal.say("begun anew: \(begun)")
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Run everything that is due in this process, until nothing is. Ends with 1 when a job failed.")
        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.withNode { node in
                let (ran, failed) = try await JobWorker(node.product.jobs, node.services).runAllDue()
                Terminal.say("ran: \(ran)  failed: \(failed)")
                if failed > 0 { throw NotReady(reasons: ["`leansaas jobs` and `leansaas jobs dead` say why"]) }
            }
        }
    }

    private static func print(_ lines: [JobsSwitch.Line]) {
        for line in lines {
            let reason = line.reason.map { "  \($0)" } ?? ""
            Terminal.say("\(line.id)  \(line.kind)  \(line.state)  attempt \(line.attempts)  \(line.due)\(reason)")
        }
        if lines.isEmpty { Terminal.say("none") }
    }
}
