import Threads

/// Whether this node counts with the others or by itself, and what it knew of them when it last did.
final class Degradation: Sendable {
    private struct State: Sendable {
        var isAlone = false
        /// The present one; the last one while alone.
        var spell = SharedSpell()
    }

    private let state = Locked(State())

    /// Nil while this node counts by itself.
    var spell: SharedSpell? { state.withLock { $0.isAlone ? nil : $0.spell } }
    var isAlone: Bool { state.withLock { $0.isAlone } }
    /// How many nodes there were when they were last counted, this one with them: alone, it lets in its share.
    var nodes: Int { state.withLock { $0.spell.nodes } }

    func hear(reset: Int) {
        state.withLock { $0.spell.reset = reset }
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
    func end(_ presence: SharedWindows.Presence, now: Int) -> Bool {
        state.withLock { state in
            defer { state.isAlone = false }
            if state.isAlone { state.spell.number = state.spell.number % 255 + 1 }
            state.spell.nodes = presence.nodes
            state.spell.reset = presence.reset
            state.spell.skew = presence.time - now
            return state.isAlone
        }
    }
}
