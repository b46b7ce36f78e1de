import Logging
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One attempt at a job, from its body to what becomes of it.
struct JobAttempt: Sendable {
    let job: TakenJob
    /// Nil when no feature declares it any more.
    let kind: Job?
    let queue: JobQueue
    let services: Services

    /// Whether it was done.
    @discardableResult
    func run() async -> Bool {
        queue.figures.noteStart(job)
        defer { queue.figures.noteEnd(job.kind) }
        do {
            try await body()
            queue.figures.noteDone(job.kind)
            try await queue.end(job, services)
            return true
        } catch is CancellationError where Task.isCancelled {
            // The node ends, or another holds the job: whoever cancelled looks after it.
        } catch {
            queue.figures.noteFailure(job.kind)
            await fail(error)
        }
        return false
    }

    private func body() async throws {
        guard let kind else { throw JobFailure.final("no feature declares this kind") }
        // The last worker was lost in the middle of the last attempt.
        guard job.attempt <= kind.rules.attempts else {
            throw JobFailure.final("its workers were lost, one after another")
        }
        let run = JobRun(id: job.id, attempt: job.attempt, services: services)
        let input = Data(job.input.utf8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await kind.body(input, run) }
            group.addTask {
                try await Task.sleep(for: kind.rules.deadline)
                throw JobTimeout()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func fail(_ error: any Error) async {
        let reason = Self.reason(error)
        let next = next(after: error)
        let event: Event = next == nil ? .jobDead : .jobFailed
        services.events.emit(
            event, ["job": job.id, "kind": job.kind, "attempt": "\(job.attempt)", "reason": reason], log: services.log)
        if next == nil { queue.figures.noteDeath(job.kind) }
        do {
            try await queue.fail(job, reason, next: next, services)
        } catch {
            services.log.warning(
                "a failed job is left to its lease", metadata: ["job": "\(job.id)", "cause": "\(error)"])
        }
    }

    private func next(after error: any Error) -> Date? {
        guard let kind, job.attempt < kind.rules.attempts else { return nil }
        let usual = kind.rules.pause(after: job.attempt)
        switch error {
        case JobFailure.final: return nil
        case JobFailure.later(let pause, _): return services.clock.now().addingTimeInterval(max(pause, usual).inSeconds)
        default: return services.clock.now().addingTimeInterval(usual.inSeconds)
        }
    }

    /// What an operator reads: our own words, and of foreign errors the type alone, since their texts may hold anything.
    static func reason(_ error: any Error) -> String {
        switch error {
        case JobFailure.final(let reason), JobFailure.later(_, let reason): reason
        case is JobTimeout: "it took longer than its deadline"
        case let failure as MailFailure: failure.description
        case let problem as Problem: "\(problem.kind.code): \(problem.kind.title)"
        case DatabaseError.server(let error): "PostgreSQL refused: \(error.state)"
        case let error as DatabaseError: error.description
        default: "\(type(of: error))"
        }
    }
}

/// An attempt took longer than its kind allows.
struct JobTimeout: Error {}

extension Event {
    public static let jobFailed = Event("job.failed", "A job failed, and will be tried again", at: .notice)
    public static let jobDead = Event(
        "job.dead", "A job failed for the last time: `leansaas jobs dead` shows it", at: .error)
}
