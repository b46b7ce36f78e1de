import Synchronization

/// Who wants a connection, and for what.
struct Waiter {
    enum Wish {
        case batch(Batch, CheckedContinuation<Reply, any Error>)
        case lease(CheckedContinuation<Int, any Error>)
    }

    let ticket: Int
    let since: ContinuousClock.Instant
    let wish: Wish

    func fail(_ error: any Error) {
        switch wish {
        case .batch(_, let continuation): continuation.resume(throwing: error)
        case .lease(let continuation): continuation.resume(throwing: error)
        }
    }
}

/// First come, first served; whoever gives up leaves from the middle.
struct WaitQueue {
    private var waiters: [Int: Waiter] = [:]
    private var order: [Int] = []
    private var head = 0

    var isEmpty: Bool { waiters.isEmpty }
    var count: Int { waiters.count }

    var first: Waiter? {
        mutating get {
            while head < order.count {
                if let waiter = waiters[order[head]] { return waiter }
                head += 1
            }
            return nil
        }
    }

    mutating func append(_ waiter: Waiter) {
        waiters[waiter.ticket] = waiter
        order.append(waiter.ticket)
    }

    mutating func popFirst() -> Waiter? {
        guard let waiter = first else { return nil }
        return remove(waiter.ticket)
    }

    mutating func remove(_ ticket: Int) -> Waiter? {
        defer { compact() }
        return waiters.removeValue(forKey: ticket)
    }

    private mutating func compact() {
        if waiters.isEmpty {
            order.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 4_096 {
            order.removeFirst(head)
            head = 0
        }
    }
}

/// Numbers for those who wait, never used twice.
enum Ticket {
    private static let counter = Atomic<Int>(0)

    static func next() -> Int {
        counter.add(1, ordering: .relaxed).newValue
    }
}

/// When to try again after a failed connection: at once, then after 50 ms, doubling to at most 250 ms.
struct Backoff {
    private(set) var lastFailure: String?
    private var failures = 0
    private var notBefore: ContinuousClock.Instant?

    func allows(_ now: ContinuousClock.Instant) -> Bool {
        notBefore.map { now >= $0 } ?? true
    }

    mutating func failed(at now: ContinuousClock.Instant, message: String) {
        lastFailure = message
        failures = min(failures + 1, 6)
        notBefore = now + pause
    }

    var pause: Duration { min(.milliseconds(250), .milliseconds(25 << failures)) }

    mutating func succeeded() {
        self = Backoff()
    }
}
