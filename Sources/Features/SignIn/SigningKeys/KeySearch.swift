import Platform

/// When the id of a key that nobody knows may make this node read the keys: whoever makes ids up makes no load.
struct KeySearch: Sendable {
    /// Searches at once, for all ids together: several rotations in a row are met, each a moment before it is told.
    static let burst = 5
    /// And one more in so long.
    static let interval: Duration = .milliseconds(500)
    /// How long an id that was searched for in vain is not searched for again.
    static let memory: Duration = .seconds(10)

    private var left = Self.burst
    private var countedAt: ContinuousClock.Instant?
    /// Being searched for: who brings the same id meanwhile waits for the answer.
    private var pending: Set<String> = []
    /// When they may be searched for again. Only what was searched for gets in here.
    private var unknown = Sieve<String, ContinuousClock.Instant>(limit: 100)

    mutating func begins(_ id: String, at now: ContinuousClock.Instant) -> Bool {
        if pending.contains(id) { return true }
        if let until = unknown.value(of: id), now < until { return false }
        refill(at: now)
        guard left > 0 else { return false }
        left -= 1
        pending.insert(id)
        return true
    }

    private mutating func refill(at now: ContinuousClock.Instant) {
        let counted = countedAt ?? now
        let gained = Int((now - counted) / Self.interval)
        left = min(Self.burst, left + gained)
        countedAt = left == Self.burst ? now : counted + Self.interval * gained
    }

    /// - Parameter found: nil when the search failed.
    mutating func ended(_ id: String, found: Bool?, at now: ContinuousClock.Instant) {
        pending.remove(id)
        if found == false { unknown.insert(now + Self.memory, for: id) }
    }

    /// Keys have changed: what was unknown may be there now.
    mutating func forget() {
        unknown.removeAll()
    }
}
