import Codecs
import Synchronization
import Threads

/// What this node has let in and the shared store has not heard of yet, in one sum for each window.
final class Arrears: Sendable {
    struct Sum: Sendable {
        let demand: LimitDemand
        var cost: Int
    }

    private let sums = Locked<[SipHash.Digest: Sum]>([:])
    /// Requests since the start.
    private let sum = Atomic(0)
    private let isTelling = Atomic(false)
    private let isFull = Atomic(false)
    private let signal: AsyncStream<Void>.Continuation
    /// One for all that came since the last.
    private let signals: AsyncStream<Void>

    /// Windows; what would be more waits for the store.
    private static let limit = 20_000

    init() {
        (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var count: Int { sums.withLock { $0.count } }
    var total: Int { sum.load(ordering: .relaxed) }

    /// Whether somebody tells the store, and keeps up with it.
    var isOpen: Bool { isTelling.load(ordering: .relaxed) && !isFull.load(ordering: .relaxed) }

    func add(_ demands: [LimitDemand]) {
        sum.wrappingAdd(1, ordering: .relaxed)
        let isFirst = sums.withLock { sums in
            defer {
                for demand in demands { sums[demand.key, default: Sum(demand: demand, cost: 0)].cost += demand.cost }
            }
            if sums.count >= Self.limit { isFull.store(true, ordering: .relaxed) }
            return sums.isEmpty
        }
        if isFirst { signal.yield() }
    }

    /// Hands out what there is, each time that there is something, until the task is cancelled.
    ///
    /// - Parameter gathering: how long more is waited for, so that many requests are one call.
    func tell(gathering: Duration, _ tell: ([Sum]) async -> Void) async {
        isTelling.store(true, ordering: .relaxed)
        defer { isTelling.store(false, ordering: .relaxed) }
        for await _ in signals {
            do { try await Task.sleep(for: gathering) } catch { return }
            let all = sums.withLock { sums in
                defer { sums.removeAll(keepingCapacity: sums.count < 1_000) }
                isFull.store(false, ordering: .relaxed)
                return Array(sums.values)
            }
            await tell(all)
        }
    }
}
