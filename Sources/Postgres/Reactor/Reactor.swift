import Synchronization
import Threads

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One thread that owns all libpq connections of a pool: it runs the pool's actor jobs and waits for its sockets.
///
/// libpq's calls never block here, but they do system calls and parse answers; on a thread of their own they take no
/// place of the cooperative pool, and a request costs one hop to this thread and one back.
///
/// `@unchecked Sendable`: `inbox` is a mutex; `poller`, `watchers` and `ready` are touched only by the reactor's thread,
/// which `checkIsolated` enforces for the actors that run on it.
final class Reactor: SerialExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var actions: [@Sendable () -> Void] = []
        var isAsleep = false
        var isStopping = false
    }

    private let inbox = Locked(Inbox())
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private var poller = Poller()
    private var watchers: [Int32: (interest: Readiness, handler: (Readiness) -> Void)] = [:]
    private var ready: [(socket: Int32, readiness: Readiness)] = []
    private var tick: (() -> Duration?)?
    /// What runs in this turn: only the thread touches them.
    private var jobs: [UnownedJob] = []
    private var actions: [@Sendable () -> Void] = []
    private let threadID = Atomic<UInt>(0)

    init(name: String) {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "a pipe can be had")
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        poller.watch(wakeReader, for: .readable, isNew: true)
        do {
            try NamedThread.start(name) { [self] in run() }
        } catch {
            preconditionFailure("the system gives a thread at start: errno \(error.code)")
        }
    }

    /// The thread has ended and nobody can wake it: a descriptor that is closed earlier could be another's by then.
    deinit {
        poller.close()
        _ = close(wakeReader)
        _ = close(wakeWriter)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { wake() }
    }

    /// Runs `action` on the thread, soon: for callers that cannot wait, as cancellation handlers.
    func perform(_ action: @escaping @Sendable () -> Void) {
        let mustWake = inbox.withLock { inbox in
            inbox.actions.append(action)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { wake() }
    }

    func checkIsolated() {
        precondition(isOnThread, "runs on the reactor's thread")
    }

    func isIsolatingCurrentContext() -> Bool? {
        isOnThread
    }

    /// Called after each turn, and at the latest after the time it gave back: deadlines live there. Nil: no hurry.
    func onTick(_ tick: @escaping () -> Duration?) {
        checkIsolated()
        self.tick = tick
    }

    func watch(_ socket: Int32, for interest: Readiness, _ handler: @escaping (Readiness) -> Void) {
        checkIsolated()
        poller.watch(socket, for: interest, isNew: watchers[socket] == nil)
        watchers[socket] = (interest, handler)
    }

    func setInterest(_ socket: Int32, _ interest: Readiness) {
        guard let watcher = watchers[socket], watcher.interest != interest else { return }
        watchers[socket]?.interest = interest
        poller.watch(socket, for: interest, isNew: false)
    }

    func forget(_ socket: Int32) {
        checkIsolated()
        guard watchers.removeValue(forKey: socket) != nil else { return }
        poller.forget(socket)
    }

    /// Ends the thread after the jobs that are already here. For the actor's deinit: no job may come after it.
    func stop() {
        inbox.withLock { $0.isStopping = true }
        wake()
    }

    // MARK: - The thread

    private var isOnThread: Bool {
        threadID.load(ordering: .relaxed) == Self.currentThread
    }

    private static var currentThread: UInt {
        #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(wakeWriter, &byte, 1)
    }

    private func run() {
        threadID.store(Self.currentThread, ordering: .relaxed)
        while true {
            let isStopping = runJobs()
            if isStopping { break }
            let pause = tick?()
            waitForSockets(atMost: pause)
        }
    }

    /// Runs what has been enqueued, and what that enqueues, for a bounded number of turns, so that sockets get theirs.
    private func runJobs() -> Bool {
        for _ in 0..<16 {
            // The two lists change places, so that neither is allocated anew.
            jobs.removeAll(keepingCapacity: true)
            actions.removeAll(keepingCapacity: true)
            let isStopping = inbox.withLock { inbox in
                swap(&inbox.jobs, &jobs)
                swap(&inbox.actions, &actions)
                return inbox.isStopping
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            for action in actions { action() }
            if jobs.isEmpty && actions.isEmpty { return isStopping }
        }
        return false
    }

    private func waitForSockets(atMost pause: Duration?) {
        let maySleep = inbox.withLock { inbox in
            inbox.isAsleep = inbox.jobs.isEmpty && inbox.actions.isEmpty && !inbox.isStopping
            return inbox.isAsleep
        }
        ready.removeAll(keepingCapacity: true)
        poller.wait(milliseconds: maySleep ? pause.map(Self.milliseconds) ?? -1 : 0, into: &ready)
        inbox.withLock { $0.isAsleep = false }
        for (socket, readiness) in ready {
            if socket == wakeReader {
                drainWakes()
            } else {
                watchers[socket]?.handler(readiness)
            }
        }
    }

    private func drainWakes() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
            // A read that fills less than it may has taken all.
            while read(wakeReader, bytes.baseAddress, bytes.count) == bytes.count {}
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let parts = duration.components
        let milliseconds = parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
        return Int32(clamping: max(1, milliseconds + 1))
    }
}
