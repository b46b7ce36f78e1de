import ArgumentParser
import Features
import Platform

/// `leansaas limits show|reset|tier`: what is limited, how somebody's limits stand, and starting anew.
struct LimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits", abstract: "Show and reset rate limits on all nodes, and give organizations tiers.",
        subcommands: [Show.self, Reset.self, SetTier.self], defaultSubcommand: Show.self)

    /// Whose limits, on which installation.
    struct SubjectOptions: ParsableArguments {
        static let keyHelp: ArgumentHelp =
            "address:203.0.113.7, person:UUID, organization:UUID, or account:ada@example.com[,203.0.113.7]"

        @OptionGroup var options: DataOptions
        @Option(help: keyHelp)
        var key: String?

        func validate() throws {
            if key != nil, subject == nil { throw ValidationError("--key is \(Self.keyHelp.abstract)") }
        }

        var subject: LimitSubject? { key.flatMap(LimitSubject.init) }

        /// Runs `body` with a node that knows the limits of all routes.
        func withNode(changing change: String? = nil, _ body: @Sendable (Node) async throws -> Void) async throws {
            try await options.withNode(changing: change) { node in
                node.services.limits.learn(node.product.routes)
                try await body(node)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The limits in force, or how one subject's stand.")
        @OptionGroup var options: SubjectOptions

        func run() async throws {
            let subject = options.subject
            try await options.withNode { node in
                guard let subject else { return LimitsCommand.describe(node.services.limits) }
                for reports in try await LimitsSwitch.show(subject, node.services) { LimitsCommand.print(reports) }
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset", abstract: "Forget one subject's counts and blocks, or everybody's.")
        @OptionGroup var options: SubjectOptions

        func run() async throws {
            let subject = options.subject
            try await options.withNode(changing: "limits reset") { try await LimitsSwitch.reset(subject, $0.services) }
            Terminal.say("reset: \(options.key ?? "all")")
        }
    }

    struct SetTier: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tier", abstract: "Give an organization a tier: free, basic, pro, enterprise.")
        @OptionGroup var options: DataOptions
        @Argument(help: "The organization's id.")
        var organization: String
        @Argument(help: "free, basic, pro or enterprise.")
        var tier: String
        @Option(help: "API calls in an hour, instead of the tier's.")
        var perHour: Int?

        func validate() throws {
            guard ID<Organization>(organization) != nil else {
                throw ValidationError("\(organization) is no organization's id, which is a UUID.")
            }
            guard Tier(rawValue: tier) != nil else {
                throw ValidationError("\(tier) is no tier: free, basic, pro or enterprise.")
            }
            if let perHour, !(1...1_000_000_000).contains(perHour) {
                throw ValidationError("--per-hour is a number from 1 to 1000000000.")
            }
        }

        func run() async throws {
            guard let id = ID<Organization>(organization), let tier = Tier(rawValue: tier) else { return }
            let perHour = perHour
            try await options.withNode(changing: "limits set") {
                try await LimitsSwitch.set(id, tier, requestsPerHour: perHour, $0.services)
            }
            Terminal.say("\(id): \(tier.rawValue), \(perHour ?? tier.requestsPerHour) requests an hour")
        }
    }

    private static func describe(_ limits: Limits) {
        guard !limits.inForce.isEmpty else { return Terminal.say("limits are disabled (RATE_LIMIT_DISABLED)") }
        for limit in limits.inForce {
            let block = limit.blockSeconds == 0 ? "" : ", then \(limit.blockSeconds) s of none"
            Terminal.say("\(limit.name): \(limit.most) in \(limit.windowSeconds) s\(block)")
        }
        for tier in Tier.allCases { Terminal.say("tier \(tier.rawValue): \(tier.requestsPerHour) in 3600 s") }
    }

    private static func print(_ reports: [LimitReport]) {
        for report in reports {
            let block = report.blockedSeconds == 0 ? "" : ", blocked for \(report.blockedSeconds) s"
            Terminal.say("\(report.limit): \(report.held) of \(report.most) in \(report.windowSeconds) s\(block)")
        }
        if reports.isEmpty { Terminal.say("no limit concerns it") }
    }
}
