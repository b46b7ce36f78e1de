import Foundation
import LeanSaaS
import Postgres
import TestKit
import Testing

@testable import Features
@testable import Platform

/// The queue of jobs.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct JobsTests {
    private let errands = Errands()
    private let clock = ManualClock()

    /// A node without workers, and what works for it when the test says so.
    private func idle() async throws -> (services: Services, worker: JobWorker) {
        let node = try await TestNode.make(features: errands.features, clock: clock.wall)
        // Schedules of other features come due at whatever minute the tests run.
        return (node.services, JobWorker(node.product.jobs.filter { $0.name.hasPrefix("errands.") }, node.services))
    }

    private func waiting(_ services: Services) async throws -> [String] {
        try await services.platform.all("select kind || ' ' || state as line from lean.jobs order by 1") { row in
            let line: String = try row["line"]
            return line
        }
    }

    @Test func `a job of a transaction that commits is run, one of a transaction that does not is not there`()
        async throws
    {
        let (services, worker) = try await idle()
        struct Undone: Error {}
        await #expect(throws: Undone.self) {
            try await services.platform.transaction { transaction in
                try await transaction.run(services.jobs.enqueue(Errands.kind, .init(name: "rolled back")))
                throw Undone()
            }
        }
        _ = try await services.platform.transaction { transaction in
            try await transaction.run(services.jobs.enqueue(Errands.kind, .init(name: "committed")))
        }
        _ = try await worker.runDue()
        #expect(errands.names == ["committed"])
        #expect(try await waiting(services) == [])
    }

    @Test func `a node that serves begins at once what is enqueued in it`() async throws {
        let errands = errands
        try await TestNode.serving(features: errands.features) { server in
            try await server.node.services.platform.run(
                server.node.services.jobs.enqueue(Errands.kind, .init(name: "now")))
            try await until("the errand is done") { errands.names == ["now"] }
            try await server.untilIdle()
            let figures = await server.node.services.metrics.exposition()
            #expect(figures.contains("leansaas_jobs_done_total{kind=\"errands.run\"} 1"))
            #expect(figures.contains("leansaas_jobs_start_seconds{kind=\"errands.run\",quantile=\"0.99\"}"))
        }
    }

    @Test func `what another process enqueues is heard of`() async throws {
        let errands = errands
        let other = try await TestNode.make(features: errands.features)
        try await TestNode.serving(features: errands.features) { _ in
            for number in 0..<5 {
                try await other.services.platform.run(
                    other.services.jobs.enqueue(Errands.kind, .init(name: "\(number)")))
            }
            try await until("the errands are done") { errands.done.count == 5 }
        }
    }

    @Test func `a failed job is tried again after its pause, under the same id, and dies after its last attempt`()
        async throws
    {
        let (services, worker) = try await idle()
        try await services.platform.run(services.jobs.enqueue(Errands.kind, .init(failures: 99)))
        for attempt in 1...3 {
            #expect(try await worker.runDue() == 1)
            #expect(try await worker.runDue() == 0, "attempt \(attempt + 1) has its pause before it")
            clock.advance(by: .seconds(60))
        }
        #expect(try await worker.runDue() == 0)
        #expect(errands.done.map(\.attempt) == [1, 2, 3])
        #expect(Set(errands.done.map(\.id)).count == 1)
        let dead = try await JobsSwitch.dead(10, services)
        #expect(dead.map(\.reason) == ["Failed"])
        #expect(try await JobsSwitch.retry(id: dead.first?.id, kind: nil, services) == 1)
        #expect(try await worker.runDue() == 1)
        #expect(errands.done.last?.attempt == 1)
    }

    @Test func `what says that it cannot be done is not tried again`() async throws {
        let (services, worker) = try await idle()
        try await services.platform.run(services.jobs.enqueue(Errands.kind, .init(isFinal: true)))
        #expect(try await worker.runDue() == 1)
        #expect(try await JobsSwitch.dead(10, services).map(\.reason) == ["it cannot be done"])
    }

    @Test func `what takes longer than its deadline is stopped and counts as failed`() async throws {
        let (services, worker) = try await idle()
        try await services.platform.run(services.jobs.enqueue(Errands.hasty, .init(name: "slow")))
        #expect(try await worker.runDue() == 1)
        let line = try #require(try await JobsSwitch.list(10, services).first)
        #expect(line.reason == "it took longer than its deadline")
        #expect(line.state == "waiting")
    }

    @Test func `a lost worker's job is another's, and the lost one can end it no more`() async throws {
        let (services, worker) = try await idle()
        try await services.platform.run(services.jobs.enqueue(Errands.kind, .init(name: "kept", finishes: true)))
        let lost = try #require(try await services.jobs.take(1, of: ["errands.run"], as: "lost", services).first)
        #expect(try await worker.runDue() == 0)
        clock.advance(by: .seconds(31))
        let late = JobRun(id: lost.id, attempt: lost.attempt, services: services)
        #expect(try await worker.runDue() == 1)
        #expect(errands.done == [Errands.Done(name: "kept", id: lost.id, attempt: 2)])
        await #expect(throws: DatabaseError.self) { try await services.platform.run(late.finish()) }
        let effects: Int = try await services.platform.one(
            "select count(*)::int4 as effects from lean.inbox where recipient = 'effect'"
        ) { try $0["effects"] }
        #expect(effects == 1)
    }

    @Test func `a job that loses worker after worker dies`() async throws {
        let (services, worker) = try await idle()
        try await services.platform.run(services.jobs.enqueue(Errands.kind, .init()))
        for _ in 1...3 {
            #expect(try await services.jobs.take(1, of: ["errands.run"], as: "lost", services).count == 1)
            clock.advance(by: .seconds(31))
        }
        _ = try await worker.runDue()
        #expect(errands.done == [])
        #expect(try await JobsSwitch.dead(10, services).map(\.reason) == ["its workers were lost, one after another"])
    }

    @Test func `the urgent comes first, what has a time waits for it, and of equal keys one waits`() async throws {
        let (services, worker) = try await idle()
        let jobs = services.jobs
        _ = try await services.platform.batch([
            try jobs.enqueue(Errands.kind, .init(name: "usual")),
            try jobs.enqueue(Errands.kind, .init(name: "later"), at: clock.wall.now().addingTimeInterval(600)),
            try jobs.enqueue(Errands.kind, .init(name: "keyed"), key: "k"),
            try jobs.enqueue(Errands.kind, .init(name: "keyed twice"), key: "k"),
            try jobs.enqueue(Errands.urgent, .init(name: "urgent")),
        ])
        _ = try await worker.runDue()
        #expect(errands.names == ["urgent", "usual", "keyed"])
        clock.advance(by: .seconds(601))
        _ = try await worker.runDue()
        #expect(errands.names.last == "later")
    }

    @Test func `a kind that this version does not know waits for one that does`() async throws {
        let (services, worker) = try await idle()
        try await services.platform.run(
            services.jobs.enqueue(JobKind<Errands.Errand>("errands.of_tomorrow"), .init()))
        #expect(try await worker.runDue() == 0)
        #expect(try await waiting(services) == ["errands.of_tomorrow waiting"])
        try await services.platform.run("update lean.jobs set run_at = now() - interval '1 hour'")
        try await BackgroundJobs.check(services)
        try await services.platform.run("update lean.jobs set kind = 'errands.run'")
        await #expect(throws: (any Error).self) { try await BackgroundJobs.check(services) }
    }

    @Test func `figures tell of every state, also of one that no job is in`() async throws {
        let (services, _) = try await idle()
        try await services.platform.run(services.jobs.enqueue(Errands.kind, .init()))
        let samples = try await BackgroundJobs.samples(services)
        let jobs = Dictionary(uniqueKeysWithValues: samples.map { ($0.labels["state"] ?? "", $0.value) })
        #expect(jobs == ["waiting": 1, "running": 0, "dead": 0])
    }

    @Test func `a pause grows, and is an hour at most`() {
        for number in 1...40 {
            let pauses = (0..<100).map { _ in JobRules.usual.pause(after: number) }
            #expect(pauses.allSatisfy { $0 <= .seconds(3_600) })
            let usual = Duration.seconds(1 << min(number, 11))
            #expect(pauses.allSatisfy { $0 >= usual / 2 })
        }
    }
}
