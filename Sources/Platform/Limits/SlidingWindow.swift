/// The count of one limit for one subject: the algorithm, without clock or lock.
///
/// Two buckets stand for a sliding window: what was taken in this stretch of the window's length, and the share of the
/// stretch before that the window still reaches into. Taken evenly this is exact; whatever the pattern, no window's length
/// ever lets in more than twice the limit, and none aligned with a bucket more than the limit.
///
/// `LimitScripts` is the same in Lua: a test compares the two step by step.
struct SlidingWindow: Sendable, Equatable {
    /// The number of the stretch since 1970 in which it was last touched.
    var bucket: UInt32 = 0
    var current: UInt32 = 0
    var previous: UInt32 = 0
    /// Whole seconds since 1970, rounded down, so that Retry-After is never longer than the block; 0: no block.
    var blockedUntil: UInt32 = 0
    /// Requests under way whose outcome decides whether they count; of a shared window those that the store has not heard of.
    var pending: UInt16 = 0
    /// 0 until a refusal of this stretch was told of. Of a shared window: when the store last refused, as `stamp` says it.
    var told: UInt8 = 0
    /// 0: the counts are this node's own. Else they are what the shared store last said, in the spell of this number.
    var spell: UInt8 = 0

    /// Whether the refusals of this stretch have been told of.
    var isTold: Bool {
        get { told != 0 }
        set { told = newValue ? 1 : 0 }
    }

    /// What a limit says to one request.
    struct Standing: Sendable, Equatable {
        let isAdmitted: Bool
        /// How many more of cost 1 would be let in now.
        let remaining: Int
        /// Until more is let in: after a refusal, when the same request would be; else when this stretch ends.
        let resetMilliseconds: Int
        /// The first refusal of this stretch, or the beginning of a block: worth an event.
        let isNews: Bool
    }

    /// Takes `cost` if the limit allows. A refusal counts nothing and prolongs nothing.
    mutating func take(_ cost: Int, most: Int, _ rule: LimitRule, now: Int) -> Standing {
        own()
        advance(rule.windowMilliseconds, now)
        if Int(blockedUntil) * 1_000 > now { return refused(after: Int(blockedUntil) * 1_000 - now) }
        if blockedUntil != 0 { self = SlidingWindow(bucket: bucket) }
        let cost = min(cost, most)
        guard
            used(rule.windowMilliseconds, now) + (cost + Int(pending)) * rule.windowMilliseconds
                <= most * rule.windowMilliseconds
        else { return overrun(cost, most, rule, now) }
        if rule.awaitsOutcome {
            pending = UInt16(clamping: Int(pending) + cost)
        } else {
            current = UInt32(clamping: Int(current) + cost)
        }
        return Standing(
            isAdmitted: true, remaining: remaining(most, rule.windowMilliseconds, now),
            resetMilliseconds: rule.windowMilliseconds - now % rule.windowMilliseconds, isNews: false)
    }

    /// Undoes a `take`, since another limit refused the request.
    mutating func giveBack(_ cost: Int, most: Int, _ rule: LimitRule) {
        let cost = min(cost, most)
        if rule.awaitsOutcome {
            pending = UInt16(clamping: Int(pending) - cost)
        } else {
            current = UInt32(clamping: Int(current) - cost)
        }
    }

    /// The outcome of a request under way. The one that fills a limit with a block begins the block.
    ///
    /// - Returns: whether a block began.
    mutating func settle(_ cost: Int, most: Int, _ rule: LimitRule, counts: Bool, now: Int) -> Bool {
        own()
        advance(rule.windowMilliseconds, now)
        let cost = min(cost, most)
        pending = UInt16(clamping: Int(pending) - cost)
        guard counts else { return false }
        current = UInt32(clamping: Int(current) + cost)
        let isFull = used(rule.windowMilliseconds, now) + rule.windowMilliseconds > most * rule.windowMilliseconds
        guard isFull, rule.blockMilliseconds > 0, Int(blockedUntil) * 1_000 <= now else { return false }
        block(for: rule.blockMilliseconds, now)
        isTold = true
        return true
    }

    /// Seconds since 1970 from which on nothing of it matters.
    func end(_ windowMilliseconds: Int) -> UInt32 {
        let windows = (Int(bucket) + 2) * windowMilliseconds
        return max(blockedUntil, UInt32(clamping: (windows + 999) / 1_000))
    }

    /// Milliseconds × requests that the window holds now.
    func used(_ window: Int, _ now: Int) -> Int {
        Int(previous) * (window - now % window) + Int(current) * window
    }

    /// Requests that the window holds, rounded up, those under way with them.
    func held(_ window: Int, _ now: Int) -> Int { (used(window, now) + window - 1) / window + Int(pending) }

    /// What more would be let in, looking only.
    func remaining(_ most: Int, _ window: Int, _ now: Int) -> Int {
        max(0, (most * window - used(window, now)) / window - Int(pending))
    }

    /// A clock that was set back leaves the count where it is.
    mutating func advance(_ window: Int, _ now: Int) {
        let present = UInt32(clamping: now / window)
        guard present > bucket else { return }
        previous = present == bucket + 1 ? current : 0
        current = 0
        bucket = present
        // A block is told of once, however long it lasts.
        if blockedUntil == 0 { isTold = false }
    }

    /// Begins counts of this node's own, where those of all nodes stood. A block is a block.
    private mutating func own() {
        guard spell != 0 else { return }
        self = SlidingWindow(blockedUntil: blockedUntil, told: blockedUntil == 0 ? 0 : 1)
    }

    private mutating func overrun(_ cost: Int, _ most: Int, _ rule: LimitRule, _ now: Int) -> Standing {
        // What is under way may yet turn out not to count: no reason for a block.
        if rule.blockMilliseconds > 0, !rule.awaitsOutcome {
            block(for: rule.blockMilliseconds, now)
            return refused(after: Int(blockedUntil) * 1_000 - now)
        }
        return refused(after: wait(for: cost, most, rule.windowMilliseconds, now))
    }

    private mutating func block(for milliseconds: Int, _ now: Int) {
        blockedUntil = UInt32(clamping: (now + milliseconds) / 1_000)
        isTold = false
    }

    private mutating func refused(after milliseconds: Int) -> Standing {
        defer { isTold = true }
        return Standing(isAdmitted: false, remaining: 0, resetMilliseconds: max(1, milliseconds), isNews: !isTold)
    }

    /// Milliseconds until `cost` would be let in if nobody took anything meanwhile.
    func wait(for cost: Int, _ most: Int, _ window: Int, _ now: Int) -> Int {
        let elapsed = now % window
        let free = most - cost
        if Int(current) <= free, previous > 0 {
            // Within this stretch: previous × (window − t) ≤ (free − current) × window.
            let reach = (free - Int(current)) * window / Int(previous)
            return max(1, window - reach - elapsed)
        }
        guard Int(current) > free else { return 1_000 }
        // In the next stretch, which `current` is then the one before.
        return window - elapsed + max(0, window - free * window / Int(current))
    }
}
