/// A time in which the shared store was there without a break, and what a node knows in it.
struct SharedSpell: Sendable, Equatable {
    /// 1...255, then 1 again.
    var number: UInt8 = 1
    /// How many nodes there are, as last heard.
    var nodes = 1
    /// Milliseconds by which the store's clock is ahead of this node's.
    var skew = 0
    /// The number of the last reset.
    var reset = 0

    /// How many requests each node may let in before the store has heard of any of them: a hundredth of the limit for all nodes
    /// together.
    func ahead(of most: Int) -> Int { most / (100 * nodes) }

    func mayGoAhead(_ demand: LimitDemand) -> Bool {
        demand.rule.isKnownByCount && demand.cost <= ahead(of: demand.most)
    }
}

/// What the shared store said of one window.
struct SharedCount: Sendable {
    let demand: LimitDemand
    /// Milliseconds since 1970, by the store's clock.
    let time: Int
    let current: Int
    let previous: Int
    let isRefusal: Bool
}

extension LimitRule {
    /// Whether its counts tell all: it knows no block, and no request whose outcome is awaited.
    var isKnownByCount: Bool { blockMilliseconds == 0 && !awaitsOutcome }
}

/// A window that all nodes share, as one of them knows it. The store's counts never fall but by the window's sliding, which a
/// node can reckon itself: so what it knows is too little at most, never too much.
extension SlidingWindow {
    /// Lets the request in before the store has heard of it, or refuses what the store refused a moment ago.
    ///
    /// Each node has at most `ahead(of:)` requests of a subject unheard, and none where that many of each node could fill the
    /// limit. What the store then counts is counted beyond the limit too, and so is paid back.
    ///
    /// - Parameter now: by the store's clock.
    /// - Returns: nil when the store must be asked.
    mutating func takeAhead(_ demand: LimitDemand, _ spell: SharedSpell, now: Int) -> Standing? {
        let (window, most, ahead) = (demand.rule.windowMilliseconds, demand.most, spell.ahead(of: demand.most))
        begin(spell)
        advance(window, now)
        let unheard = Int(pending) + demand.cost
        guard unheard <= ahead, used(window, now) + (unheard + ahead * spell.nodes) * window <= most * window else {
            return knownRefusal(demand, spell, now: now)
        }
        pending = UInt16(clamping: unheard)
        return Standing(
            isAdmitted: true, remaining: remaining(most, window, now), resetMilliseconds: window - now % window,
            isNews: false)
    }

    /// What the store would say to a request like one that it refused a moment ago; nil when it must be asked.
    ///
    /// Not for longer than a moment, or counts that were reset or lost there would refuse here for the rest of the window.
    func knownRefusal(_ demand: LimitDemand, _ spell: SharedSpell, now: Int) -> Standing? {
        guard self.spell == spell.number, told != 0, demand.rule.isKnownByCount else { return nil }
        let age = (Int(Self.stamp(now)) - Int(told) + 255) % 255
        var known = self
        known.advance(demand.rule.windowMilliseconds, now)
        let (window, most, cost) = (demand.rule.windowMilliseconds, demand.most, min(demand.cost, demand.most))
        guard age <= 1, known.told != 0, known.used(window, now) + cost * window > most * window else { return nil }
        let wait = known.wait(for: cost, most, window, now)
        return Standing(isAdmitted: false, remaining: 0, resetMilliseconds: max(1, wait), isNews: false)
    }

    /// Takes in what the store said.
    ///
    /// - Parameter heard: requests of this node that it has heard of now.
    mutating func learn(_ count: SharedCount, heard: Int, _ spell: SharedSpell) {
        begin(spell)
        hear(heard)
        let stretch = UInt32(clamping: count.time / count.demand.rule.windowMilliseconds)
        // Answers may overtake each other: within a stretch the greater count is the later one.
        if stretch > bucket {
            (bucket, current, previous) = (stretch, UInt32(clamping: count.current), UInt32(clamping: count.previous))
            told = 0
        } else if stretch == bucket {
            current = max(current, UInt32(clamping: count.current))
            previous = max(previous, UInt32(clamping: count.previous))
        }
        if count.isRefusal, stretch >= bucket { told = Self.stamp(count.time) }
    }

    /// So many requests are not unheard any more: the store knows of them, or never will.
    mutating func hear(_ cost: Int) {
        pending = UInt16(clamping: Int(pending) - cost)
    }

    private mutating func begin(_ spell: SharedSpell) {
        if self.spell != spell.number { self = SlidingWindow(blockedUntil: blockedUntil, spell: spell.number) }
    }

    /// A second, told apart from the 254 around it.
    private static func stamp(_ now: Int) -> UInt8 { UInt8(now / 1_000 % 255) + 1 }
}
