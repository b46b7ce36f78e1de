import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A job that this node holds: its lease runs.
struct TakenJob: Sendable {
    let id: String
    let kind: String
    let input: String
    let attempt: Int
    /// Seconds between when it was due and when it was taken.
    let waited: Double
}

extension JobQueue {
    /// Takes up to `most` jobs that are due, or whose worker was lost; those that another node looks at are passed over.
    func take(_ most: Int, of kinds: [String], as node: String, _ services: Services) async throws -> [TakenJob] {
        let now = services.clock.now()
        let until = now.addingTimeInterval(settings.lease.inSeconds)
        return try await services.platform.all(
            """
            select id::text as id, kind, input::text as input, attempt, waited
            from lean.take_jobs(\(most), \(SQLArray(kinds)), \(node), \(now), \(until))
            """
        ) { row in
            TakenJob(
                id: try row["id"], kind: try row["kind"], input: try row["input"], attempt: try row["attempt"],
                waited: try row["waited"])
        }
    }

    /// Keeps the leases of the jobs that run here. Gives back those that are ours no longer.
    func renew(_ ids: Set<String>, as node: String, _ services: Services) async throws -> Set<String> {
        let until = services.clock.now().addingTimeInterval(settings.lease.inSeconds)
        let kept: [String] = try await services.platform.all(
            """
            update lean.jobs set lease_until = \(until)
            where id = any(\(SQLArray(ids.sorted()))::uuid[]) and state = 'running' and node = \(node)
            returning id::text as id
            """
        ) { try $0["id"] }
        return ids.subtracting(kept)
    }

    /// It is done: nothing of it stays.
    func end(_ job: TakenJob, _ services: Services) async throws {
        try await services.platform.run(
            "delete from lean.jobs where id = \(job.id)::uuid and state = 'running' and attempts = \(job.attempt)")
    }

    /// It failed: another attempt at `next`, or none.
    func fail(_ job: TakenJob, _ reason: String, next: Date?, _ services: Services) async throws {
        let now = services.clock.now()
        let state = next == nil ? "dead" : "waiting"
        try await services.platform.run(
            """
            update lean.jobs set
                state = \(state), run_at = coalesce(\(next), run_at), last_error = \(String(reason.prefix(500))),
                lease_until = null, node = null, died_at = case when \(next == nil) then \(now)::timestamptz end
            where id = \(job.id)::uuid and state = 'running' and attempts = \(job.attempt)
            """)
    }

    /// The node ends: others begin them again, and the attempt does not count.
    func giveBack(_ jobs: [TakenJob], as node: String, _ services: Services) async throws {
        guard !jobs.isEmpty else { return }
        try await services.platform.run(
            """
            update lean.jobs set
                state = 'waiting', attempts = attempts - 1, lease_until = null, node = null
            where id = any(\(SQLArray(jobs.map(\.id)))::uuid[]) and state = 'running' and node = \(node)
            """)
    }
}
