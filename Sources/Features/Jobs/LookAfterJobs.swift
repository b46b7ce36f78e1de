import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an operator sees and does of the queue: `leansaas jobs`.
public enum JobsSwitch {
    /// A job as an operator reads it: without its input, which may hold what concerns a person alone.
    public struct Line: Sendable {
        public let id: String
        public let kind: String
        public let state: String
        public let attempts: Int
        public let due: Date
        public let reason: String?

        init(_ row: Row) throws {
            id = try row["id"]
            kind = try row["kind"]
            state = try row["state"]
            attempts = try row["attempts"]
            due = try row["run_at"]
            reason = try row["last_error"]
        }
    }

    private static let columns: SQL = "id::text as id, kind, state, attempts::int4 as attempts, run_at, last_error"

    /// Those that wait or run, the next first.
    public static func list(_ most: Int, _ services: Services) async throws -> [Line] {
        try await services.platform.all(
            """
            select \(columns) from lean.jobs where state <> 'dead'
            order by state = 'running' desc, priority desc, run_at limit \(most)
            """, Line.init)
    }

    /// Those that were laid aside, the last first.
    public static func dead(_ most: Int, _ services: Services) async throws -> [Line] {
        try await services.platform.all(
            "select \(columns) from lean.jobs where state = 'dead' order by died_at desc limit \(most)", Line.init)
    }

    /// Dead jobs begin anew: one, those of a kind, or all. Gives back how many.
    public static func retry(id: String?, kind: String?, _ services: Services) async throws -> Int {
        if let id, ID<AnyJob>(id) == nil { throw Problem(.invalidInput, "A job's id is a UUID.") }
        let now = services.clock.now()
        let statement: SQL = """
            update lean.jobs set state = 'waiting', attempts = 0, run_at = \(now), died_at = null
            where state = 'dead' and (\(id)::text is null or id = \(id)::uuid) and (\(kind)::text is null or kind = \(kind))
            """
        return try await services.platform.run(statement.afterCommit { services.jobs.hasWork() })
    }

    private enum AnyJob {}
}

extension BackgroundJobs {
    /// What is told while jobs wait far too long: something that they need is gone. Of each priority it reads the first, however many
    /// wait behind it. Kinds that this node does not know wait for a version that does, and harm nobody.
    static func check(_ services: Services) async throws {
        let mine: SQL = "state = 'waiting' and kind = any(\(SQLArray(services.jobs.kinds))::text[])"
        let oldest: Double = try await services.platform.one(
            """
            with recursive first as (
                (select priority, run_at from lean.jobs where \(mine) order by priority desc, run_at limit 1)
                union all
                select next.priority, next.run_at from first cross join lateral (
                    select priority, run_at from lean.jobs where \(mine) and priority < first.priority
                    order by priority desc, run_at limit 1
                ) next
            )
            select coalesce(extract(epoch from now() - min(run_at)), 0)::float8 as seconds
            from first where run_at <= now()
            """
        ) { try $0["seconds"] }
        if oldest > 300 { throw JobsLate(seconds: Int(oldest)) }
    }

    static func samples(_ services: Services) async throws -> [Metrics.Sample] {
        try await services.platform.all(
            """
            select s.state, count(j.id)::int8 as jobs
            from unnest('{waiting,running,dead}'::text[]) as s (state) left join lean.jobs j on j.state = s.state
            group by s.state
            """
        ) { row in
            let state: String = try row["state"]
            let jobs: Int = try row["jobs"]
            return Metrics.Sample("leansaas_jobs", Double(jobs), ["state": state])
        }
    }
}

/// Jobs wait that should have begun long ago.
private struct JobsLate: Error, CustomStringConvertible {
    let seconds: Int
    var description: String { "a job has waited for \(seconds) s" }
}
