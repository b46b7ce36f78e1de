#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A kind of job with an input: what enqueues it and what runs it share this value.
///
///     static let welcome = JobKind<Welcome>("mailing.welcome")
///     …
///     try await call.platform.batch([insert, call.services.jobs.enqueue(Self.welcome, Welcome(person))])
///     …
///     jobs: [Self.welcome.job("Sends the first letter") { welcome, run in … }]
public struct JobKind<Input: Codable & Sendable>: Sendable {
    public let name: String
    public let rules: JobRules
    private(set) var isOpen = false

    public init(_ name: String, _ rules: JobRules = .usual) {
        self.name = name
        self.rules = rules
    }

    /// The same kind, which may be enqueued in a transaction of a request too, under its caller's own role (`call.database`): by
    /// whoever can send statements as one. Others are enqueued by the platform's role alone, and by the product's own servers.
    public var openToCallers: JobKind {
        var kind = self
        kind.isOpen = true
        return kind
    }

    /// The declaration, with what is done. It may be run more than once for one job: see `JobRun.finish` and `JobRun.id`.
    public func job(
        _ doc: String, _ body: @escaping @Sendable (Input, JobRun) async throws -> Void
    ) -> Job {
        Job(name: name, doc: doc, rules: rules, isOpen: isOpen) { data, run in
            let input: Input
            do {
                input = try JSONDecoder().decode(Input.self, from: data)
            } catch {
                throw JobFailure.final("its input cannot be read by this version")
            }
            try await body(input, run)
        }
    }
}

extension Job {
    /// Work without an input that begins by itself.
    public static func scheduled(
        _ name: String, _ schedule: JobSchedule, _ doc: String, _ rules: JobRules = .usual,
        _ body: @escaping @Sendable (JobRun) async throws -> Void
    ) -> Job {
        Job(name: name, doc: doc, rules: rules, schedule: schedule) { _, run in try await body(run) }
    }
}
