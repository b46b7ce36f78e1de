import ArgumentParser
import Features
import Platform

/// `leansaas audit verify|head`: whether the audit log is what was written.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verify the audit log.", subcommands: [Verify.self, Head.self],
        defaultSubcommand: Verify.self)

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Look at every sealed row. Ends with 1 when anything was changed.")
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
                guard report.isWhole else { throw Changed(faults: report.faults) }
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

/// What was done to the audit log.
private struct Changed: Error, CustomStringConvertible {
    let faults: [String]
    var description: String { "the audit log was changed:\n" + faults.map { "  - \($0)" }.joined(separator: "\n") }
}
