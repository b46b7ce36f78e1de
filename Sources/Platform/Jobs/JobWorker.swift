import Logging
import Postgres
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A node's workers: they take jobs, run them side by side, and give back what they could not finish.
package final class JobWorker: Sendable {
    let jobs: [String: Job]
    let queue: JobQueue
    let services: Services
    /// Who holds a lease: one name for each run of the program.
    let node = UUID().uuidString.lowercased()
    private let running = Locked<[String: Running]>([:])

    struct Running: Sendable {
        let job: TakenJob
        let task: Task<Void, Never>
    }

    package init(_ jobs: [Job], _ services: Services) {
        self.jobs = Dictionary(jobs.map { ($0.name, $0) }) { first, _ in first }
        self.services = services
        queue = services.jobs
    }

    /// Works until the task is cancelled; then takes no more, waits for what runs, and gives the rest back.
    package func run() async {
        guard queue.settings.concurrency > 0 else { return await queue.tell(services) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await work() }
            group.addTask { [self] in await renew() }
            group.addTask { [self] in await keepTime() }
            group.addTask { [self] in await queue.tell(services) }
        }
        queue.hasRoom.withLock { $0 = false }
        // In a task of its own, which nobody has cancelled.
        await Task { [self] in await drain() }.value
    }

    /// Takes jobs while there are some and room for them, and sleeps otherwise.
    private func work() async {
        while !Task.isCancelled {
            let room = queue.settings.concurrency - running.withLock { $0.count }
            queue.hasRoom.withLock { $0 = room > 0 }
            do {
                let taken = room > 0 ? try await take(room) : []
                for job in taken { begin(job) }
                if !taken.isEmpty { continue }
            } catch {
                services.log.warning("jobs cannot be taken", metadata: ["cause": "\(error)"])
            }
            // Nodes that began together do not ask together.
            await queue.sleep(atMost: queue.settings.poll * Double.random(in: 0.75...1.25))
        }
    }

    private func take(_ most: Int) async throws -> [TakenJob] {
        try await queue.take(most, of: jobs.keys.sorted(), as: node, services)
    }

    private func begin(_ job: TakenJob) {
        // Under the lock, so that it cannot end before it is written down.
        running.withLock { running in
            let task = Task { [self] in
                await JobAttempt(job: job, kind: jobs[job.kind], queue: queue, services: services).run()
                self.running.withLock { $0[job.id] = nil }
                // There is room now.
                queue.ring()
            }
            running[job.id] = Running(job: job, task: task)
        }
    }

    /// Runs everything that is due, one job after the other, until nothing is. Gives back how many ran: for commands and
    /// tests, which have no workers.
    package func runDue() async throws -> Int { try await runAllDue().ran }

    /// The same, and how many of the attempts failed.
    package func runAllDue() async throws -> (ran: Int, failed: Int) {
        try await JobClock(jobs: jobs, services: services).enqueueDue()
        var (ran, failed) = (0, 0)
        while let job = try await take(1).first {
            let isDone = await JobAttempt(job: job, kind: jobs[job.kind], queue: queue, services: services).run()
            ran += 1
            failed += isDone ? 0 : 1
        }
        return (ran, failed)
    }

    private func renew() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: queue.settings.lease / 3) } catch { return }
            let mine = running.withLock { Set($0.keys) }
            guard !mine.isEmpty else { continue }
            do {
                let lost = try await queue.renew(mine, as: node, services)
                for id in lost { running.withLock { $0[id]?.task }?.cancel() }
            } catch {
                services.log.warning("leases of jobs cannot be renewed", metadata: ["cause": "\(error)"])
            }
        }
    }

    private func keepTime() async {
        let clock = JobClock(jobs: jobs, services: services)
        while !Task.isCancelled {
            do {
                try await clock.enqueueDue()
            } catch {
                services.log.warning("schedules cannot be read", metadata: ["cause": "\(error)"])
            }
            do { try await Task.sleep(for: .seconds(5) * Double.random(in: 0.75...1.25)) } catch { return }
        }
    }

    private func drain() async {
        let end = ContinuousClock.now + queue.settings.drain
        while ContinuousClock.now < end, !running.withLock({ $0.isEmpty }) {
            await queue.sleep(atMost: end - .now)
        }
        let left = running.withLock { Array($0.values) }
        for run in left { run.task.cancel() }
        do {
            try await queue.giveBack(left.map(\.job), as: node, services)
        } catch {
            services.log.warning("jobs are left to their leases", metadata: ["cause": "\(error)"])
        }
    }
}
