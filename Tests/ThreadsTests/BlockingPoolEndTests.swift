import Synchronization
import Testing

@testable import Threads

@Suite("Cancelling and ending a pool's work", .timeLimit(.minutes(10)))
struct BlockingPoolEndTests {
    @Test("a job that waits is cancelled at once, never runs, and leaves its place")
    func cancelQueued() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 1)
        let busy = await Busy(pool)
        let hasRun = Atomic(false)
        let queued = Task { try await pool.run { hasRun.store(true, ordering: .relaxed) } }
        await pool.reaches(waiting: 1)
        queued.cancel()
        await #expect(throws: CancellationError.self) { try await queued.value }
        #expect(pool.waiting == 0)
        busy.gate.open()
        try await busy.task.value
        try await pool.run {}
        let didRun = hasRun.load(ordering: .relaxed)
        #expect(!didRun)
    }

    @Test("a task that is cancelled already gets no place in the queue")
    func cancelledBefore() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 1)
        let busy = await Busy(pool)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await pool.run {}
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(pool.waiting == 0)
        busy.gate.open()
        try await busy.task.value
    }

    @Test("a job that runs is finished, although its task is cancelled")
    func cancelRunning() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 0)
        let busy = await Busy(pool)
        busy.task.cancel()
        busy.gate.open()
        try await busy.task.value
    }

    @Test("many jobs cancelled while they come and go each end once, and the pool goes on")
    func cancelStorm() async throws {
        let pool = BlockingPool(name: "test", threads: 2, queueLimit: 1_000)
        let tasks = (0..<500).map { number in Task { try await pool.run { number } } }
        for task in tasks.reversed() { task.cancel() }
        for (number, task) in tasks.enumerated() {
            switch await task.result {
            case .success(let value): #expect(value == number)
            case .failure(let error): #expect(error is CancellationError)
            }
        }
        #expect(pool.waiting == 0)
        #expect(try await pool.run { 1 } == 1)
    }

    @Test("shutdown finishes what runs, fails what waits and refuses what comes")
    func shutdown() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 2)
        let busy = await Busy(pool)
        let queued = Task { try await pool.run {} }
        await pool.reaches(waiting: 1)
        pool.shutdown()
        await #expect(throws: BlockingPoolClosed.self) { try await queued.value }
        await #expect(throws: BlockingPoolClosed.self) { try await pool.run {} }
        busy.gate.open()
        try await busy.task.value
        pool.shutdown()
    }

    @Test("a pool that nobody holds any more ends its threads")
    func release() async throws {
        let ended = Gate()
        do {
            let pool = BlockingPool(name: "test", threads: 1, queueLimit: 0)
            // A destructor of the thread's own storage runs when the thread ends.
            try await pool.run { ThreadEnd.notify(ended) }
        }
        await ended.passed()
    }
}
