import ArgumentParser
import Features
import Platform

/// `leansaas audit verify|head|continue`: whether the audit log is what was written.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verify the audit log.", subcommands: [Verify.self, Head.self, Continue.self],
        defaultSubcommand: Verify.self)

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract:
                "Look at every sealed row. Ends with 1 when one was changed, with 2 when not all could be checked.")
        @OptionGroup var options: DataOptions
        @Option(
            help:
                "A head that was kept elsewhere, as `leansaas audit head` prints it: finds a chain that was cut or written anew."
        )
        var head: String?

        func validate() throws {
            if let head, AuditHead(head) == nil { throw ValidationError("A head is SEQUENCE:HASH.") }
        }

        func run() async throws {
            let exported = head.flatMap { AuditHead($0) }
            try await options.withNode { node in
                let report = try await AuditVerification.run(node.services, exported: exported)
                Terminal.say("sealed: \(report.sealed)  not sealed yet: \(report.unsealed)  erased: \(report.erased)")
                Terminal.say("head: \(report.head.map { "\($0)" } ?? "none")")
                guard report.faults.isEmpty else { throw Changed(faults: report.faults + report.doubts) }
                guard report.doubts.isEmpty else {
                    for doubt in report.doubts { Terminal.complain(doubt) }
                    Terminal.complain("nothing else was changed")
                    throw ExitCode(2)
                }
                if !report.isSigned, report.sealed > 0 {
                    Terminal.say("no head is signed: ENCRYPTION_KEY is not set, and a log written anew looks the same")
                }
                Terminal.say("nothing was changed")
            }
        }
    }

    struct Head: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "head", abstract: "Where the chain stands, to be kept elsewhere.")
        @OptionGroup var options: DataOptions

        func run() async throws {
            try await options.withNode { node in
                Terminal.say(try await AuditHead.newest(node.services.platform).map { "\($0)" } ?? "none")
            }
        }
    }
}

extension AuditCommand {
    struct Continue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "continue",
            abstract: "Seal on behind a head that you have looked at, after the event audit.chain_broken.")
        @OptionGroup var options: DataOptions
        @Argument(help: "The head, as `leansaas audit head` prints it.")
        var head: String

        func validate() throws {
            if AuditHead(head) == nil { throw ValidationError("A head is SEQUENCE:HASH.") }
        }

        func run() async throws {
            guard let head = AuditHead(head) else { return }
            try await options.withNode { node in
                let rows = try await AuditSwitch.goOn(after: head, node.services)
                guard rows > 0 else {
                    throw NotReady(reasons: ["nothing was sealed: nothing waits, or a node seals at this moment"])
                }
                Terminal.say("sealed: \(rows)")
            }
        }
    }
}

/// What was done to the audit log.
private struct Changed: Error, CustomStringConvertible {
    let faults: [String]
    var description: String { "the audit log was changed:\n" + faults.map { "  - \($0)" }.joined(separator: "\n") }
}
