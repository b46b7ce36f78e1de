/// A map that holds at most so many values, and so many bytes: when it is full, what was not asked for since it was
/// last looked at makes room, the oldest first.
///
/// The order is SIEVE's (Zhang and others, "SIEVE is Simpler than LRU", NSDI 2024): a value that is found is only
/// marked, nothing moves, and a hand that goes from the oldest to the newest takes the first without a mark and clears
/// the marks that it passes. One pass over many keys that nobody asks for again therefore drives out little that is in
/// use. All but `removeAll(where:)` take constant time; an insertion may move the hand further, each step of which an
/// earlier look-up has paid for.
package struct Sieve<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node: Sendable {
        let key: Key
        var value: Value
        var bytes: Int
        var isMarked = false
        /// The neighbours' places; -1: none.
        var newer: Int
        var older: Int
    }

    private var places: [Key: Int] = [:]
    private var nodes: [Node?] = []
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1
    /// Where the search for the next to go begins; -1: at the oldest.
    private var hand = -1
    private let limit: Int
    private let byteLimit: Int
    /// The bytes of all values, as they were said when inserted.
    package private(set) var bytes = 0
    /// How many values had to go to make room.
    package private(set) var evictions = 0
    /// Look-ups that found a value, and those that did not.
    private var hits = 0
    private var misses = 0

    /// - Parameters:
    ///   - limit: most values; at least 1.
    ///   - byteLimit: most bytes of all values together.
    package init(limit: Int, byteLimit: Int = .max) {
        self.limit = max(1, limit)
        self.byteLimit = byteLimit
    }

    package var count: Int { places.count }

    package var figures: MemoryFigures {
        MemoryFigures(items: count, hits: hits, misses: misses, evictions: evictions)
    }

    /// Whether it is held; not a use of it.
    package func contains(_ key: Key) -> Bool { places[key] != nil }

    package mutating func value(of key: Key) -> Value? {
        guard let place = places[key] else {
            misses += 1
            return nil
        }
        hits += 1
        nodes[place]?.isMarked = true
        return nodes[place]?.value
    }

    /// What is larger than all that may be held is not kept, and the key's former value goes.
    package mutating func insert(_ value: Value, for key: Key, bytes size: Int = 0) {
        guard size <= byteLimit else { return remove(key) }
        if let place = places[key] {
            bytes += size - (nodes[place]?.bytes ?? 0)
            nodes[place]?.value = value
            nodes[place]?.bytes = size
            nodes[place]?.isMarked = true
            while bytes > byteLimit { evict() }
            return
        }
        while places.count >= limit || bytes + size > byteLimit { evict() }
        let place = free.popLast() ?? nodes.count
        if place == nodes.count { nodes.append(nil) }
        nodes[place] = Node(key: key, value: value, bytes: size, newer: -1, older: newest)
        if newest >= 0 { nodes[newest]?.newer = place } else { oldest = place }
        newest = place
        places[key] = place
        bytes += size
    }

    package mutating func remove(_ key: Key) {
        if let place = places[key] { remove(at: place) }
    }

    package mutating func removeAll(where isDoomed: (Key, Value) -> Bool) {
        for (key, place) in places {
            if let node = nodes[place], isDoomed(key, node.value) { remove(at: place) }
        }
    }

    package mutating func removeAll() {
        places.removeAll()
        nodes.removeAll()
        free.removeAll()
        (newest, oldest, hand, bytes) = (-1, -1, -1, 0)
    }

    private mutating func evict() {
        var place = hand >= 0 ? hand : oldest
        while let node = nodes[place], node.isMarked {
            nodes[place]?.isMarked = false
            place = node.newer >= 0 ? node.newer : oldest
        }
        hand = place
        evictions += 1
        remove(at: place)
    }

    private mutating func remove(at place: Int) {
        guard let node = nodes[place] else { return }
        if node.newer >= 0 { nodes[node.newer]?.older = node.older } else { newest = node.older }
        if node.older >= 0 { nodes[node.older]?.newer = node.newer } else { oldest = node.newer }
        if hand == place { hand = node.newer }
        places[node.key] = nil
        nodes[place] = nil
        free.append(place)
        bytes -= node.bytes
    }
}
