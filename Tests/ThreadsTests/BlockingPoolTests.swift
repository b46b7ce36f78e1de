import Testing

@testable import Threads

@Suite("A pool for blocking work", .timeLimit(.minutes(10)))
struct BlockingPoolTests {
    private struct Broken: Error {}

    @Test("gives back what the work returns, and throws what it throws")
    func results() async throws {
        let pool = BlockingPool(name: "test", threads: 2, queueLimit: 4)
        #expect(try await pool.run { 6 * 7 } == 42)
        await #expect(throws: Broken.self) { try await pool.run { throw Broken() } }
        #expect(try await pool.run { "still there" } == "still there")
    }

    @Test("runs every job of many, on no more threads than allowed")
    func bounded() async throws {
        let pool = BlockingPool(name: "test", threads: 3, queueLimit: 200)
        let gauge = Gauge()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...200 {
                group.addTask { try await pool.run { gauge.during { number } } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 20_100)
        #expect((1...3).contains(gauge.most))
        #expect(pool.waiting == 0)
    }

    @Test("runs as many at once as it has threads")
    func parallel() async throws {
        let pool = BlockingPool(name: "test", threads: 2, queueLimit: 0)
        let (first, second) = (Gate(), Gate())
        // Each waits for the other: with one thread neither would end.
        async let one: Void = pool.run { first.meets(second) }
        async let other: Void = pool.run { second.meets(first) }
        _ = try await (one, other)
    }

    @Test("refuses at once when the queue is full, and admits again when it is not")
    func full() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 1)
        let busy = await Busy(pool)
        let queued = Task { try await pool.run { "queued" } }
        await pool.reaches(waiting: 1)
        await #expect(throws: BlockingPoolFull.self) { try await pool.run {} }
        busy.gate.open()
        try await busy.task.value
        #expect(try await queued.value == "queued")
        #expect(try await pool.run { "again" } == "again")
    }

    @Test("a queue of no length admits one job for each thread")
    func noQueue() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 0)
        let busy = await Busy(pool)
        #expect(pool.waiting == 0)
        await #expect(throws: BlockingPoolFull.self) { try await pool.run {} }
        busy.gate.open()
        try await busy.task.value
    }

    @Test("first come, first served")
    func order() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 10)
        let busy = await Busy(pool)
        let served = Monitor<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...10 {
                group.addTask { try await pool.run { served.withLock { $0.append(number) } } }
                await pool.reaches(waiting: number)
            }
            busy.gate.open()
            try await group.waitForAll()
        }
        #expect(served.withLock { $0 } == Array(1...10))
        try await busy.task.value
    }

    @Test("work runs on a thread of that name, and steps back")
    func thread() async throws {
        let pool = BlockingPool(name: "a-name-beyond-fifteen", threads: 1, queueLimit: 0, niceness: 7)
        let thread = try await pool.run { CurrentThread() }
        #expect(thread.name == "a-name-beyond-f")
        #expect(thread.niceness >= 7)
        #expect(CurrentThread().name != thread.name)
    }
}
