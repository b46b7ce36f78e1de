import Platform

/// When the id of a key that nobody knows may make this node read the keys: whoever makes ids up makes no load.
struct KeySearch: Sendable {
    /// Searches for all ids together: several rotations in a row are met, each a moment before it is told.
    static let limit = Limit("signing-key searches", 5, per: .milliseconds(2_500))
    /// How long an id that was searched for in vain is not searched for again.
    static let memory: Duration = .seconds(10)

    private var searches = WorkLimit(Self.limit)
    /// Being searched for: who brings the same id meanwhile waits for the answer.
    private var pending: Set<String> = []
    /// When they may be searched for again. Only what was searched for gets in here.
    private var unknown = Sieve<String, ContinuousClock.Instant>(limit: 100)

    mutating func begins(_ id: String, at now: ContinuousClock.Instant) -> Bool {
        if pending.contains(id) { return true }
        if let until = unknown.value(of: id), now < until { return false }
        guard searches.takes(at: now) else { return false }
        pending.insert(id)
        return true
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
