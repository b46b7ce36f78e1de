/// A job on its way to a thread. Exactly one of its closures is called, once.
struct BlockingJob: Sendable {
    let id: UInt64
    let run: @Sendable () -> Void
    let refuse: @Sendable (any Error) -> Void
}

/// The rules of a pool: who is admitted, who waits, when a thread is made. A plain value; the pool locks and runs.
struct BlockingQueue: Sendable {
    /// What the pool must do for a job that was offered.
    enum Admission: Sendable {
        case queued
        case queuedForNewThread
        case full
        case closed
    }

    /// What a thread does next.
    enum Turn: Sendable {
        case run(BlockingJob)
        case end
    }

    let threadLimit: Int
    let queueLimit: Int
    private var jobs: [BlockingJob] = []
    private var threads = 0
    private var running = 0
    private var isClosed = false
    private var lastID: UInt64 = 0

    init(threadLimit: Int, queueLimit: Int) {
        self.threadLimit = threadLimit
        self.queueLimit = queueLimit
    }

    /// Jobs that no thread is free for. One that a thread is on its way to is not counted.
    var waiting: Int { max(0, jobs.count - (threadLimit - running)) }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func admit(_ job: BlockingJob) -> Admission {
        if isClosed { return .closed }
        guard jobs.count < threadLimit - running + queueLimit else { return .full }
        jobs.append(job)
        let idle = threads - running
        guard jobs.count > idle, threads < threadLimit else { return .queued }
        threads += 1
        return .queuedForNewThread
    }

    /// What a thread that has nothing to do shall do; nil: wait.
    mutating func turn() -> Turn? {
        if !jobs.isEmpty {
            running += 1
            return .run(jobs.removeFirst())
        }
        guard isClosed else { return nil }
        threads -= 1
        return .end
    }

    mutating func finished() {
        running -= 1
    }

    /// A thread that was counted could not be made. Gives the jobs that no thread will ever come for.
    mutating func threadNotStarted() -> [BlockingJob] {
        threads -= 1
        return threads == 0 ? removeAll() : []
    }

    /// The job, if it still waits.
    mutating func remove(_ id: UInt64) -> BlockingJob? {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return nil }
        return jobs.remove(at: index)
    }

    /// Admits nothing more; gives what waited.
    mutating func close() -> [BlockingJob] {
        isClosed = true
        return removeAll()
    }

    private mutating func removeAll() -> [BlockingJob] {
        let removed = jobs
        jobs = []
        return removed
    }
}
