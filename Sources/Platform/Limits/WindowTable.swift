import Codecs

/// Windows by key, 40 bytes each, in one array with open addressing: a part of `MemoryStore`, under its lock.
///
/// Its keys are hashes that nobody can choose, so they are their own places. It holds at most `limit` windows; beyond that
/// the oldest go, but never one under a live block.
struct WindowTable: Sendable {
    private struct Slot: Sendable {
        var key = SipHash.Digest(first: 0, second: 0)
        var window = SlidingWindow()
        /// Seconds since 1970 from which on it may go; 0: the slot is free.
        var end: UInt32 = 0
    }

    private var slots: [Slot] = []
    private(set) var count = 0
    /// Windows that had to go before their time.
    private(set) var evictions = 0
    let limit: Int

    init(limit: Int) {
        self.limit = max(16, limit)
    }

    /// Bytes that it occupies.
    var bytes: Int { slots.count * MemoryLayout<Slot>.stride }

    /// Lets `body` look at and change the key's window, which is a new one when there is none.
    mutating func update<Result>(
        _ key: SipHash.Digest, _ rule: LimitRule, now: Int, _ body: (inout SlidingWindow) -> Result
    ) -> Result {
        if count * 5 >= slots.count * 4 { makeRoom(now) }
        let index = place(of: key)
        if slots[index].end == 0 {
            slots[index].key = key
            count += 1
        } else if Int(slots[index].end) * 1_000 <= now {
            slots[index].window = SlidingWindow()
        }
        defer { slots[index].end = max(1, slots[index].window.end(rule.windowMilliseconds)) }
        return body(&slots[index].window)
    }

    /// Lets `body` change the key's window, if there is one.
    mutating func change(_ key: SipHash.Digest, _ body: (inout SlidingWindow) -> Void) {
        guard !slots.isEmpty else { return }
        let index = place(of: key)
        if slots[index].end != 0 { body(&slots[index].window) }
    }

    /// The key's window as it stands, if there is one.
    func window(_ key: SipHash.Digest, now: Int) -> SlidingWindow? {
        guard !slots.isEmpty else { return nil }
        let slot = slots[place(of: key)]
        return slot.end != 0 && Int(slot.end) * 1_000 > now ? slot.window : nil
    }

    mutating func remove(_ key: SipHash.Digest) {
        guard !slots.isEmpty, slots[place(of: key)].end != 0 else { return }
        slots[place(of: key)].end = 1
        slots[place(of: key)].window = SlidingWindow()
    }

    mutating func removeAll() {
        slots = []
        count = 0
    }

    /// How many windows are under a block.
    func blocks(now: Int) -> Int {
        slots.reduce(0) { $0 + ($1.end != 0 && Int($1.window.blockedUntil) * 1_000 > now ? 1 : 0) }
    }

    /// Frees what no longer matters, and the memory that it took.
    mutating func sweep(now: Int) {
        let live = slots.reduce(0) { $0 + (Int($1.end) * 1_000 > now ? 1 : 0) }
        guard live < count || live * 3 < slots.count else { return }
        rebuild(room: live * 3 / 2 + 16) { Int($0.end) * 1_000 > now }
    }

    /// The key's slot, or the free one that it would take.
    private func place(of key: SipHash.Digest) -> Int {
        var index = Int(truncatingIfNeeded: key.first.multipliedFullWidth(by: UInt64(slots.count)).high)
        while slots[index].end != 0, slots[index].key != key {
            index += 1
            if index == slots.count { index = 0 }
        }
        return index
    }

    /// First goes what has ended. If that is not enough and the table may not grow, the oldest eighth goes at once: finding
    /// one oldest would cost as much each time.
    private mutating func makeRoom(_ now: Int) {
        let full = limit * 5 / 4 + 2
        let live = slots.reduce(0) { $0 + (Int($1.end) * 1_000 > now ? 1 : 0) }
        rebuild(room: min(max(32, live * 2), full)) { Int($0.end) * 1_000 > now }
        guard count >= limit else { return }
        // So many live blocks that they alone would fill it twice are the one case in which some end early.
        let isFlooded = count >= limit * 2
        let ends = slots.filter { $0.end != 0 && (isFlooded || Self.mayGo($0, now)) }.map(\.end).sorted()
        // Many end at the same moment: of those with the last end only as many go as must.
        var excess = min(count - limit * 7 / 8, ends.count)
        let left = count - excess
        let last = excess == 0 ? 0 : ends[excess - 1]
        excess -= ends.count { $0 < last }
        rebuild(room: left > limit ? left * 3 / 2 : full) { slot in
            guard slot.end <= last, isFlooded || Self.mayGo(slot, now) else { return true }
            if slot.end == last { excess -= 1 }
            return slot.end == last && excess < 0
        }
        evictions += live - count
    }

    private static func mayGo(_ slot: Slot, _ now: Int) -> Bool {
        slot.end != 0 && Int(slot.window.blockedUntil) * 1_000 <= now && slot.window.pending == 0
    }

    private mutating func rebuild(room: Int, keeping isKept: (Slot) -> Bool) {
        let kept = slots.filter { $0.end != 0 && isKept($0) }
        slots = [Slot](repeating: Slot(), count: max(room, kept.count * 5 / 4 + 2))
        count = kept.count
        for slot in kept { slots[place(of: slot.key)] = slot }
    }
}
