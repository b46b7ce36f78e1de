import Features
import Foundation
import LeanSaaS
import Postgres
import TestKit
import Testing

@testable import Platform

/// Schedules, the end of a node, and who may touch the queue.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct JobEdgeTests {
    private let errands = Errands()
    private let clock = ManualClock()

    @Test func `a schedule is kept once for all nodes, and made up for after an outage as it says`() async throws {
        let errands = errands
        var workers: [JobWorker] = []
        for _ in 0..<3 {
            let node = try await TestNode.make(features: errands.features, clock: clock.wall)
            workers.append(JobWorker(node.product.jobs, node.services))
        }
        let first = try #require(workers.first)
        _ = try await first.runDue()
        #expect(errands.names == [], "a new schedule begins with its next time")
        // Three days without a node.
        clock.advance(by: .seconds(3 * 86_400))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { _ = try await worker.runDue() } }
            try await group.waitForAll()
        }
        for worker in workers { _ = try await worker.runDue() }
        #expect(errands.names == ["daily"])
    }

    @Test func `a node that ends waits for what runs, and gives back what does not end`() async throws {
        let errands = errands
        let node = try await TestNode.make(settings: ["JOBS_DRAIN_TIMEOUT": "100"], features: errands.features)
        let services = node.services
        try await services.platform.run(services.jobs.enqueue(Errands.hasty, .init(name: "slow")))
        let unhurried = node.product.jobs.map { job in
            job.name == "errands.hasty"
                ? Job(name: job.name, doc: job.doc, rules: .usual, body: job.body) : job
        }
        let work = Task { await JobWorker(unhurried, services).run() }
        try await until("the errand is begun") { errands.names == ["slow"] }
        work.cancel()
        await work.value
        let line = try #require(try await JobsSwitch.list(10, services).first)
        #expect(line.state == "waiting")
        #expect(line.attempts == 0, "an attempt that the node's end cut short does not count")
    }

    @Test func `taking reads as many rows as it takes, however many wait`() async throws {
        let node = try await TestNode.make(settings: ["JOBS_CONCURRENCY": "0"], features: errands.features)
        let services = node.services
        // A plan of the time when the queue was empty is the one that stays.
        for _ in 0..<8 { #expect(try await take(4, services).isEmpty) }
        try await services.platform.run(
            """
            insert into lean.jobs (kind, input, run_at)
            select 'errands.run', '{"name": "errand", "failures": 0, "isFinal": false, "finishes": false}',
                now() - interval '1 hour' + number * interval '1 millisecond'
            from generate_series(1, 5000) number
            """)
        try await services.platform.run(services.jobs.enqueue(Errands.urgent, .init(name: "urgent")))
        try await services.platform.run(
            """
            update lean.jobs set state = 'running', lease_until = now() - interval '1 minute', attempts = 1
            where id = (select id from lean.jobs where kind = 'errands.run' order by run_at desc limit 1)
            """)
        try await services.platform.transaction { transaction in
            let before = try await read(transaction)
            let taken: [String] = try await transaction.all(
                """
                select kind || ' ' || attempt as job
                from lean.take_jobs(4, '{errands.run,errands.urgent}', 'node', now(), now() + interval '1 minute')
                order by 1
                """
            ) { try $0["job"] }
            #expect(taken == ["errands.run 1", "errands.run 1", "errands.run 2", "errands.urgent 1"])
            #expect(try await read(transaction) - before < 10)
        }
    }

    /// Rows of the queue that this connection has read since PostgreSQL last wrote it down.
    private func read(_ transaction: Transaction) async throws -> Int {
        try await transaction.one(
            """
            select pg_stat_get_xact_tuples_returned('lean.jobs'::regclass)
                + pg_stat_get_xact_tuples_returned('lean.jobs_waiting_idx'::regclass)
                + pg_stat_get_xact_tuples_returned('lean.jobs_running_idx'::regclass) as rows
            """
        ) { try $0["rows"] }
    }

    private func take(_ most: Int, _ services: Services) async throws -> [TakenJob] {
        try await services.jobs.take(most, of: ["errands.run", "errands.urgent"], as: "node", services)
    }

    @Test(arguments: ["anon", "authenticated", "service_role"])
    func `a role of requests enqueues what is open to callers, and reads and changes nothing`(
        _ role: String
    ) async throws {
        let node = try await TestNode.make(features: errands.features)
        _ = try await node.migrate(DatabaseSettings(url: try await TestDatabase.current.url(as: "lean_owner")))
        let services = node.services
        let database = services.database.entering(
            with: "select set_config('role', \(role), true)", role: role)
        try await database.run(services.jobs.enqueue(Errands.open, .init(name: "from a request")))
        let priority: Int = try await services.platform.one("select priority::int4 as priority from lean.jobs") {
            try $0["priority"]
        }
        #expect(priority == 7)
        let closed = try services.jobs.enqueue(Errands.kind, .init(name: "not from a request"))
        if role == "service_role" {
            try await database.run(closed)
            try await services.platform.run("delete from lean.jobs where kind = 'errands.run'")
        } else {
            await #expect(throws: DatabaseError.self) { try await database.run(closed) }
        }
        await #expect(throws: DatabaseError.self) {
            try await database.run("select auth.enqueue_open_job('mailing.deliver', '{}', null, null)")
        }
        for attack: SQL in [
            "select * from lean.jobs", "delete from lean.jobs", "update lean.jobs set attempts = 0",
            "insert into lean.jobs (kind, input) values ('errands.run', '{}')",
            "select lean.finish_job(gen_random_uuid(), 1)",
            "insert into lean.open_job_kinds values ('mailing.deliver', 0)",
            "select lean.take_jobs(1, '{errands.run}', 'x', now(), now())",
        ] {
            await #expect(throws: DatabaseError.self) { try await database.run(attack) }
        }
        _ = try await JobWorker(node.product.jobs, services).runDue()
        #expect(errands.names == ["from a request"])
    }

    @Test func `an input is bounded`() async throws {
        let node = try await TestNode.make(features: errands.features)
        #expect(throws: Problem.self) {
            try node.services.jobs.enqueue(Errands.kind, .init(name: String(repeating: "x", count: 70_000)))
        }
    }

    @Test func `a search path of the caller's own leads nowhere`() async throws {
        let node = try await TestNode.make(features: errands.features)
        _ = try await node.migrate(DatabaseSettings(url: try await TestDatabase.current.url(as: "lean_owner")))
        let services = node.services
        let database = services.database.entering(
            with: "select set_config('role', 'authenticated', true), set_config('search_path', 'pg_temp', true)",
            role: "authenticated")
        try await database.run(services.jobs.enqueue(Errands.open, .init()))
        #expect(try await JobWorker(node.product.jobs, services).runDue() == 1)
    }
}
