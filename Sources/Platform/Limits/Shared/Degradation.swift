import Threads

/// Whether this node counts with the others or by itself, and what it knew of them when it last did.
final class Degradation: Sendable {
    private struct State: Sendable {
        var isAlone = false
        var nodes = 1
        var reset = 0
    }

    private let state = Locked(State())

    var isAlone: Bool { state.withLock { $0.isAlone } }
    /// How many nodes there were when they were last counted, this one with them: alone, it lets in its share.
    var nodes: Int { state.withLock { $0.nodes } }
    /// The number of the last reset that it heard of.
    var reset: Int { state.withLock { $0.reset } }

    func hear(reset: Int) {
        state.withLock { $0.reset = reset }
    }

    /// - Returns: whether it was not alone before.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.isAlone = true }
            return !state.isAlone
        }
    }

    /// The shared store answered.
    ///
    /// - Returns: whether it was alone before.
    func end(nodes: Int, reset: Int) -> Bool {
        state.withLock { state in
            defer { state = State(isAlone: false, nodes: nodes, reset: reset) }
            return state.isAlone
        }
    }
}
