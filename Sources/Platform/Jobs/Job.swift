import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Work beside the requests, as its feature declares it: any node does it, at least once, under an id that stays the same.
public struct Job: Sendable {
    /// The feature, then what is done: `mailing.deliver`. Stored with waiting jobs, so it is never renamed.
    public let name: String
    public let doc: String
    public let rules: JobRules
    /// When it begins by itself; nil: only when it is enqueued.
    public let schedule: JobSchedule?
    /// Whether a request's own role may enqueue it: see `JobKind.openToCallers`.
    package let isOpen: Bool
    let body: @Sendable (Data, JobRun) async throws -> Void

    init(
        name: String, doc: String, rules: JobRules, schedule: JobSchedule? = nil, isOpen: Bool = false,
        body: @escaping @Sendable (Data, JobRun) async throws -> Void
    ) {
        self.name = name
        self.doc = doc
        self.rules = rules
        self.schedule = schedule
        self.isOpen = isOpen
        self.body = body
    }
}

/// How a kind of job is treated.
public struct JobRules: Sendable {
    /// Higher is taken first, -100...100; 0 is usual.
    public var priority = 0
    /// The longest that one attempt may take; then it is cancelled and counts as failed.
    public var deadline: Duration = .seconds(60)
    /// Attempts before the job is laid aside as dead, 1 or more.
    public var attempts = 12
    /// Before the second attempt, ± half; it doubles from attempt to attempt, to at most an hour.
    public var backoff: Duration = .seconds(2)

    public init() {}

    public static let usual = JobRules()

    /// The same rules, changed.
    public func with<Value>(_ path: WritableKeyPath<JobRules, Value>, _ value: Value) -> JobRules {
        var rules = self
        rules[keyPath: path] = value
        return rules
    }

    /// How long after attempt `number` (from 1) the next is due.
    func pause(after number: Int) -> Duration {
        min(backoff * (1 << min(number - 1, 20)) * Double.random(in: 0.5...1.5), .seconds(3_600))
    }
}

/// One run of a job, as its body sees it.
public struct JobRun: Sendable {
    /// The job's id, the same for all attempts: what goes outside goes under it as its idempotency key.
    public let id: String
    /// From 1.
    public let attempt: Int
    public let services: Services

    /// Ends the job in the transaction that it is put into: its effect and its end then happen together or not at all. It
    /// raises when this run is no longer the job's own, as when it was taken for dead, so that nothing happens twice.
    public func finish() -> SQL {
        "select lean.finish_job(\(id)::uuid, \(attempt))"
    }
}

/// What a body throws to say what is to become of the job.
public enum JobFailure: Error, Sendable {
    /// Another attempt will not help: the job is laid aside as dead at once.
    case final(String)
    /// Another attempt, and not before so long.
    case later(Duration, String)
}
