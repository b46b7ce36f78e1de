/// As many jobs wait as the pool allows, or the system gives no thread: the caller should shed the request.
public struct BlockingPoolFull: Error {}

/// The pool was shut down before the job began.
public struct BlockingPoolClosed: Error {}

/// A few operating system threads for calls that block, such as password hashing, so that none of them holds a thread
/// of Swift's cooperative pool. Both its threads and its queue are bounded.
public final class BlockingPool: Sendable {
    private let name: String
    private let niceness: Int
    private let queue: Monitor<BlockingQueue>

    /// - Parameters:
    ///   - name: what the system's tools call its threads; the first 15 bytes count.
    ///   - threads: the most that run at once, 1 or more. Each is made when it is first needed.
    ///   - queueLimit: the most jobs that wait for a thread, 0 or more.
    ///   - niceness: 0...19, how far its threads step back behind others. Linux only.
    public init(name: String, threads: Int, queueLimit: Int, niceness: Int = 0) {
        precondition(threads >= 1 && queueLimit >= 0, "a pool has a thread or more, and a queue of no negative length")
        precondition((0...19).contains(niceness), "a niceness is 0...19")
        self.name = name
        self.niceness = niceness
        queue = Monitor(BlockingQueue(threadLimit: threads, queueLimit: queueLimit))
    }

    deinit {
        shutdown()
    }

    /// Jobs that wait for a thread now.
    public var waiting: Int { queue.withLock { $0.waiting } }

    /// What `work` returns or throws, run on one of the pool's threads. Once begun it is not interrupted.
    /// - Throws: `BlockingPoolFull` at once when `queueLimit` jobs wait, `BlockingPoolClosed` after `shutdown`,
    ///   `CancellationError` when cancelled before it began.
    public func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let id = queue.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = BlockingJob(
                    id: id,
                    run: { continuation.resume(with: Result(catching: work)) },
                    refuse: { continuation.resume(throwing: $0) }
                )
                submit(job)
                // The handler below may have looked for the job before it was there.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Refuses new jobs and those that wait; what runs is finished, and the threads end. Does not wait for that.
    public func shutdown() {
        let refused = queue.withLock { $0.close() }
        queue.wakeAll()
        for job in refused { job.refuse(BlockingPoolClosed()) }
    }

    private func submit(_ job: BlockingJob) {
        switch queue.withLock({ $0.admit(job) }) {
        case .queued: queue.wakeOne()
        case .queuedForNewThread: startThread()
        case .full: job.refuse(BlockingPoolFull())
        case .closed: job.refuse(BlockingPoolClosed())
        }
    }

    private func cancel(_ id: UInt64) {
        queue.withLock { $0.remove(id) }?.refuse(CancellationError())
    }

    private func startThread() {
        // The thread holds the queue, not the pool, so that letting go of the pool ends its threads.
        do throws(ThreadNotStarted) {
            try NamedThread.start(name, niceness: niceness) { [queue] in Self.serve(queue) }
        } catch {
            // With a thread left the job merely waits longer; with none it would wait for ever.
            for job in queue.withLock({ $0.threadNotStarted() }) { job.refuse(BlockingPoolFull()) }
        }
    }

    private static func serve(_ queue: Monitor<BlockingQueue>) {
        while case .run(let job) = queue.wait(for: { $0.turn() }) {
            job.run()
            queue.withLock { $0.finished() }
        }
    }
}
