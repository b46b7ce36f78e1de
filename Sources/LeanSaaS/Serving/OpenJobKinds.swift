import Platform
import Postgres

/// Keeps `lean.open_job_kinds` equal to what the features declare: the jobs that a request's own role may enqueue.
enum OpenJobKinds {
    static func write(_ jobs: [Job], on owner: Database) async throws {
        let open = jobs.filter(\.isOpen)
        let kinds = SQLArray(open.map(\.name))
        let priorities = SQLArray(open.map { String($0.rules.priority) })
        _ = try await owner.batch([
            "delete from lean.open_job_kinds where not (kind = any(\(kinds)::text[]))",
            """
            insert into lean.open_job_kinds (kind, priority)
            select kind, priority::smallint from unnest(\(kinds)::text[], \(priorities)::text[]) as declared (kind, priority)
            on conflict (kind) do update set priority = excluded.priority
            """,
        ])
    }
}
