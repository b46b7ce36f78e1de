import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Enqueues what begins by itself, once for all nodes: each schedule is a row, which one of them holds.
struct JobClock: Sendable {
    let jobs: [String: Job]
    let services: Services

    private struct Due: Sendable {
        let name: String
        let schedule: String
        let nextAt: Date
    }

    func enqueueDue() async throws {
        let scheduled = jobs.values.filter { $0.schedule != nil }
        guard !scheduled.isEmpty else { return }
        let now = services.clock.now()
        try await services.platform.transaction { transaction in
            let known = try await held(scheduled.map(\.name), transaction)
            for job in scheduled {
                guard let schedule = job.schedule else { continue }
                try await keep(job, schedule, known[job.name], now, transaction)
            }
        }
    }

    /// The rows that no other node holds now; those that do not exist yet are made first.
    private func held(_ names: [String], _ transaction: Transaction) async throws -> [String: Due] {
        try await transaction.run(
            """
            insert into lean.job_schedules (name, schedule, next_at)
            select name, '', '-infinity' from unnest(\(SQLArray(names.sorted()))::text[]) name
            on conflict (name) do nothing
            """)
        let rows = try await transaction.all(
            """
            select name, schedule, extract(epoch from nullif(next_at, '-infinity'))::float8 as next_at
            from lean.job_schedules where name = any(\(SQLArray(names.sorted()))::text[])
            order by name for update skip locked
            """
        ) { row in
            let next: Double? = try row["next_at"]
            return Due(
                name: try row["name"], schedule: try row["schedule"],
                nextAt: next.map { Date(timeIntervalSince1970: $0) } ?? .distantPast)
        }
        return Dictionary(rows.map { ($0.name, $0) }) { first, _ in first }
    }

    private func keep(
        _ job: Job, _ schedule: JobSchedule, _ due: Due?, _ now: Date, _ transaction: Transaction
    ) async throws {
        guard let due, let following = schedule.times.next(after: now) else { return }
        // A new or a changed schedule begins with its next time.
        if due.schedule == schedule.text {
            guard due.nextAt <= now else { return }
            let isLate = due.nextAt < now.addingTimeInterval(-60)
            if schedule.missed == .once || !isLate {
                let kind = JobKind<[String: String]>(job.name, job.rules)
                try await transaction.run(services.jobs.enqueue(kind, [:], key: job.name))
            }
        }
        try await transaction.run(
            """
            update lean.job_schedules set schedule = \(schedule.text), next_at = \(following) where name = \(job.name)
            """)
    }
}
