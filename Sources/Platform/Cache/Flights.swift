import Postgres
import Threads

/// Loads that are under way: whoever wants the same value waits for the one that has begun.
///
/// A load runs as a task of its own, so that a caller who goes away takes nobody's answer along. It ends at its
/// deadline. What was forgotten while it ran is given to those who asked before, and to nobody after: `isCurrent` says
/// whether it may still be kept.
final class Flights: Sendable {
    /// A load, and those who wait for it.
    final class Flight: Sendable {
        fileprivate struct State: Sendable {
            var waiters: [Int: CheckedContinuation<(any Cacheable)?, any Error>] = [:]
            var nextWaiter = 0
            var result: Result<(any Cacheable)?, any Error>?
            var isCurrent = true
        }

        fileprivate let state: Locked<State>

        /// - Parameter isCurrent: false for a load that nobody knows of, whose value is never kept.
        init(isCurrent: Bool = true) {
            state = Locked(State(isCurrent: isCurrent))
        }

        /// Whether nothing of it was forgotten since it began.
        var isCurrent: Bool { state.withLock { $0.isCurrent } }

        /// Does it unless something was forgotten, which waits meanwhile: what is kept now is then forgotten after it.
        func whileCurrent(_ keep: () -> Void) {
            state.withLock { if $0.isCurrent { keep() } }
        }
    }

    private let flights = Locked<[CacheID: Flight]>([:])
    /// How long a load may take.
    static let deadline: Duration = .seconds(30)

    /// How often a caller waits for others whose own sessions had ended before it loads for itself alone.
    private static let patience = 3

    /// The value of the load that is under way, or of `load`, which begins now.
    ///
    /// - Throws: what the load throws, to all who wait; `CancellationError` to a caller that is cancelled.
    func value(
        for id: CacheID, _ load: @escaping @Sendable (Flight) async throws -> (any Cacheable)?
    ) async throws -> (any Cacheable)? {
        for _ in 0..<Self.patience {
            let (flight, isOwn) = join(id, load)
            do {
                return try await wait(for: flight)
            } catch  where !isOwn && Self.concernsOneSession(error) {
                // The load ran in the session of whoever began it. That it has ended says nothing of ours.
                continue
            }
        }
        return try await Self.limited { try await load(Flight(isCurrent: false)) }
    }

    private static func concernsOneSession(_ error: any Error) -> Bool {
        guard case DatabaseError.server(let refusal) = error else { return false }
        return refusal.state == .sessionEnded || refusal.state == .roleChanged
    }

    /// Begins the load unless it is under way; nobody waits for it.
    func begin(_ id: CacheID, _ load: @escaping @Sendable (Flight) async throws -> (any Cacheable)?) {
        _ = join(id, load)
    }

    private func join(
        _ id: CacheID, _ load: @escaping @Sendable (Flight) async throws -> (any Cacheable)?
    ) -> (flight: Flight, isOwn: Bool) {
        let (flight, isNew) = flights.withLock { flights in
            if let flight = flights[id] { return (flight, false) }
            let flight = Flight()
            flights[id] = flight
            return (flight, true)
        }
        guard isNew else { return (flight, false) }
        // Nobody's child: it ends by its deadline, not with the caller who happened to be first.
        Task.detached { [self] in
            let result: Result<(any Cacheable)?, any Error>
            do {
                result = .success(try await Self.limited { try await load(flight) })
            } catch {
                result = .failure(error)
            }
            land(flight, id, result)
        }
        return (flight, true)
    }

    private func land(_ flight: Flight, _ id: CacheID, _ result: Result<(any Cacheable)?, any Error>) {
        flights.withLock { if $0[id] === flight { $0[id] = nil } }
        let waiters = flight.state.withLock { state in
            state.result = result
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(with: result) }
    }

    /// Loads of it that are under way are given to nobody who comes from now on, and not kept.
    func forget(where isDoomed: (CacheID) -> Bool) {
        let doomed = flights.withLock { flights in
            let doomed = flights.filter { isDoomed($0.key) }
            for id in doomed.keys { flights[id] = nil }
            return Array(doomed.values)
        }
        for flight in doomed { flight.state.withLock { $0.isCurrent = false } }
    }

    var isEmpty: Bool { flights.withLock { $0.isEmpty } }

    /// Those who wait for a load.
    var waiting: Int {
        flights.withLock { Array($0.values) }.reduce(0) { sum, flight in
            sum + flight.state.withLock { $0.waiters.count }
        }
    }

    // MARK: - Waiting

    private func wait(for flight: Flight) async throws -> (any Cacheable)? {
        let number = flight.state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<(any Cacheable)?, any Error>? = flight.state.withLock { state in
                    if let result = state.result { return result }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = flight.state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private static func limited(
        _ load: @escaping @Sendable () async throws -> (any Cacheable)?
    ) async throws -> (any Cacheable)? {
        try await withThrowingTaskGroup(of: (any Cacheable)?.self) { group in
            group.addTask { try await load() }
            group.addTask {
                try await Task.sleep(for: deadline)
                throw CacheFailure.loadTookTooLong
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

/// Why the cache itself gave no value.
enum CacheFailure: Error {
    /// The load was cut off at its deadline.
    case loadTookTooLong
}
