import Threads

/// One run of a body at a time, shared by all who asked before it began.
///
/// Who asks while one runs waits for the next: the one that runs may have seen the state of before. So whatever comes at once
/// makes two runs at most. (Go's `singleflight` lets them share the one that runs, which answers with the past.)
package final class SingleFlight: Sendable {
    private enum Turn: Sendable {
        case lead, done
        case failed(any Error)
    }

    private typealias Waiting = [Int: CheckedContinuation<Turn, Never>]

    private struct State: Sendable {
        var isRunning = false
        var count = 0
        /// Share the run that is under way.
        var riding: Waiting = [:]
        /// Came after it began.
        var waiting: Waiting = [:]
    }

    private let state = Locked(State())

    package init() {}

    /// Callers that wait for the next run.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Returns when `body`, this caller's or another's that began after this call, has ended well.
    ///
    /// - Throws: what that `body` threw; `CancellationError` when the task is cancelled while it waits. A body whose own
    ///   caller was cancelled is nobody else's failure: the next caller runs its own.
    package func run(_ body: () async throws -> Void) async throws {
        switch await turn() {
        case .done: return
        case .failed(let error): throw error
        case .lead: break
        }
        state.withLock { state in
            state.riding = state.waiting
            state.waiting = [:]
        }
        do {
            try await body()
            end(.done)
        } catch {
            end(Task.isCancelled ? nil : .failed(error))
            throw error
        }
    }

    private func turn() async -> Turn {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn: Turn? = state.withLock { state in
                    guard !Task.isCancelled else { return .failed(CancellationError()) }
                    guard state.isRunning else {
                        state.isRunning = true
                        return .lead
                    }
                    state.waiting[id] = continuation
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let continuation = state.withLock {
                $0.waiting.removeValue(forKey: id) ?? $0.riding.removeValue(forKey: id)
            }
            continuation?.resume(returning: .failed(CancellationError()))
        }
    }

    /// - Parameter turn: how it ended for all who shared it; nil: one of them runs instead.
    private func end(_ turn: Turn?) {
        let (ended, next) = state.withLock { state -> (Waiting, CheckedContinuation<Turn, Never>?) in
            var ended = state.riding
            state.riding = [:]
            if turn == nil {
                state.waiting.merge(ended) { first, _ in first }
                ended = [:]
            }
            guard let first = state.waiting.keys.min() else {
                state.isRunning = false
                return (ended, nil)
            }
            return (ended, state.waiting.removeValue(forKey: first))
        }
        for continuation in ended.values { continuation.resume(returning: turn ?? .lead) }
        next?.resume(returning: .lead)
    }
}
