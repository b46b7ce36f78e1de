import Codecs
import Threads

/// The windows of one node, in 64 parts with a lock each.
final class MemoryStore: Sendable {
    private final class Part: Sendable {
        let table: Locked<WindowTable>

        init(limit: Int) {
            table = Locked(WindowTable(limit: limit))
        }
    }

    private let parts: [Part]

    /// About 800,000 addresses with a window a minute and one an hour: 79 MB when full. Of more the windows of a minute go first,
    /// so that those of an hour stay for a million and a half.
    static let usualLimit = 1_572_864

    /// - Parameter limit: most windows. Beyond it the oldest go, but never one under a live block.
    init(limit: Int = MemoryStore.usualLimit) {
        parts = (0..<64).map { _ in Part(limit: limit / 64) }
    }

    private func part(_ key: SipHash.Digest) -> Part {
        parts[Int(truncatingIfNeeded: key.first & 63)]
    }

    /// Takes from all, or, when one refuses, from none.
    ///
    /// - Parameter share: of how many nodes this is one: each lets in its part, at least 1.
    func take(_ demands: [LimitDemand], share nodes: Int, now: Int) -> LimitVerdict {
        var verdict = LimitVerdict()
        var asked = 0
        while asked < demands.count, verdict.isAdmitted {
            // The windows of one subject stand in one part: most requests take one lock.
            let first = demands[asked].key
            part(first).table.withLock { table in
                while asked < demands.count, demands[asked].key.first == first.first, verdict.isAdmitted {
                    let demand = demands[asked]
                    let standing = table.update(demand.key, demand.rule, now: now) { window in
                        window.take(demand.cost, most: Self.share(of: demand.most, nodes), demand.rule, now: now)
                    }
                    verdict.note(standing, demand)
                    asked += 1
                }
            }
        }
        if !verdict.isAdmitted {
            for earlier in demands[..<(asked - 1)] { giveBack(earlier, share: nodes, now: now) }
        }
        return verdict
    }

    /// - Returns: whether a block began.
    func settle(_ demand: LimitDemand, counts: Bool, share nodes: Int, now: Int) -> Bool {
        part(demand.key).table.withLock { table in
            table.update(demand.key, demand.rule, now: now) { window in
                window.settle(
                    demand.cost, most: Self.share(of: demand.most, nodes), demand.rule, counts: counts, now: now)
            }
        }
    }

    /// The refusal of the first that is known to be blocked, or that the shared store refused a moment ago; nil when none is.
    ///
    /// - Parameter spell: nil while the store is gone.
    func refused(_ demands: [LimitDemand], _ spell: SharedSpell?, now: Int) -> LimitVerdict? {
        for demand in demands {
            guard let standing = refusal(demand, spell, now: now) else { continue }
            var verdict = LimitVerdict()
            verdict.note(standing, demand)
            return verdict
        }
        return nil
    }

    private func refusal(_ demand: LimitDemand, _ spell: SharedSpell?, now: Int) -> SlidingWindow.Standing? {
        if demand.rule.isKnownByCount {
            guard let spell else { return nil }
            let time = now + spell.skew
            return window(demand.key, now: time)?.knownRefusal(demand, spell, now: time)
        }
        guard demand.rule.blockMilliseconds > 0, let window = window(demand.key, now: now) else { return nil }
        let wait = Int(window.blockedUntil) * 1_000 - now
        guard wait > 0 else { return nil }
        return SlidingWindow.Standing(isAdmitted: false, remaining: 0, resetMilliseconds: wait, isNews: false)
    }

    /// Lets a request in before the shared store has heard of it, or refuses what it refused a moment ago: all demands or none.
    ///
    /// - Returns: nil when the store must be asked.
    func takeAhead(_ demands: [LimitDemand], _ spell: SharedSpell, now: Int) -> LimitVerdict? {
        let time = now + spell.skew
        var verdict = LimitVerdict()
        for (index, demand) in demands.enumerated() {
            let standing = part(demand.key).table.withLock { table in
                table.update(demand.key, demand.rule, now: time) { $0.takeAhead(demand, spell, now: time) }
            }
            if let standing { verdict.note(standing, demand) }
            guard standing?.isAdmitted == true else {
                for earlier in demands[..<index] { hear(earlier, earlier.cost) }
                return standing.map { _ in verdict }
            }
        }
        return verdict
    }

    /// So many requests are not unheard any more: the shared store knows of them, or never will.
    func hear(_ demand: LimitDemand, _ cost: Int) {
        part(demand.key).table.withLock { table in table.change(demand.key) { $0.hear(cost) } }
    }

    /// Takes in what the shared store said, `heard` requests of this node included.
    func learn(_ count: SharedCount, heard: Int = 0, _ spell: SharedSpell) {
        part(count.demand.key).table.withLock { table in
            table.update(count.demand.key, count.demand.rule, now: count.time) { $0.learn(count, heard: heard, spell) }
        }
    }

    /// Remembers a block that the shared store tells of: refused here from now on, also while the store is gone.
    func block(_ demand: LimitDemand, until end: Int, now: Int) {
        part(demand.key).table.withLock { table in
            table.update(demand.key, demand.rule, now: now) { window in
                window.advance(demand.rule.windowMilliseconds, now)
                window.blockedUntil = UInt32(clamping: end / 1_000)
                window.isTold = true
            }
        }
    }

    private func giveBack(_ demand: LimitDemand, share nodes: Int, now: Int) {
        part(demand.key).table.withLock { table in
            table.update(demand.key, demand.rule, now: now) { window in
                window.giveBack(demand.cost, most: Self.share(of: demand.most, nodes), demand.rule)
            }
        }
    }

    /// The key's window as it stands.
    func window(_ key: SipHash.Digest, now: Int) -> SlidingWindow? {
        part(key).table.withLock { $0.window(key, now: now) }
    }

    func remove(_ key: SipHash.Digest) {
        part(key).table.withLock { $0.remove(key) }
    }

    func removeAll() {
        for part in parts { part.table.withLock { $0.removeAll() } }
    }

    /// Frees what no longer matters: a part at a time, so that no request waits for all.
    func sweep(now: Int) {
        for part in parts { part.table.withLock { $0.sweep(now: now) } }
    }

    struct Figures: Sendable {
        var windows = 0
        var blocks = 0
        var bytes = 0
        var evictions = 0
    }

    func figures(now: Int) -> Figures {
        parts.reduce(into: Figures()) { sum, part in
            let (windows, blocks, bytes, evictions) = part.table.withLock {
                ($0.count, $0.blocks(now: now), $0.bytes, $0.evictions)
            }
            sum.windows += windows
            sum.blocks += blocks
            sum.bytes += bytes
            sum.evictions += evictions
        }
    }

    private static func share(of most: Int, _ nodes: Int) -> Int {
        nodes <= 1 ? most : max(1, (most + nodes - 1) / nodes)
    }
}
