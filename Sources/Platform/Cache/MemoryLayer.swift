import Threads

/// What one node remembers: a fixed number of values and bytes, in parts that are locked each by itself.
final class MemoryLayer: Sendable {
    /// A value, or the knowledge that there is none, until when it is good.
    struct Entry: Sendable {
        let value: (any Cacheable)?
        /// Milliseconds since 1970.
        let freshUntil: Int64
        let staleUntil: Int64
    }

    /// What is held at this moment.
    struct Figures: Sendable {
        var items = 0
        var bytes = 0
        var evictions = 0
    }

    private struct Part: Sendable {
        var entries: Sieve<CacheID, Entry>
        /// The ids of each scope that is held, for what is forgotten all at once.
        var members: [CacheScope: Set<CacheID>] = [:]
        /// How many ids stand in those lists, some perhaps of values that had to make room.
        var listed = 0
    }

    /// A class around the lock, which cannot stand in an array.
    private final class Shard: Sendable {
        let part: Locked<Part>

        init(limit: Int, bytes: Int) {
            part = Locked(Part(entries: Sieve(limit: limit, byteLimit: bytes)))
        }
    }

    /// What a value costs beside its own bytes: its id, its place, its box.
    static let overhead = 256

    private let shards: [Shard]

    init(items: Int, bytes: Int) {
        // Few values are not worth the unevenness of parts.
        let count = items < 512 ? 1 : 8
        shards = (0..<count).map { _ in Shard(limit: (items + count - 1) / count, bytes: bytes / count) }
    }

    /// All of a scope stands in one part.
    private func part(of scope: CacheScope, _ id: CacheID) -> Shard {
        let hash = scope == .everyone ? id.hashValue : scope.hashValue
        return shards[Int(UInt(bitPattern: hash) % UInt(shards.count))]
    }

    /// The entry, unless it is past all use.
    func entry(of id: CacheID, now: Int64) -> Entry? {
        part(of: id.scope, id).part.withLock { part in
            guard let entry = part.entries.value(of: id) else { return nil }
            return entry.staleUntil > now ? entry : nil
        }
    }

    func insert(_ entry: Entry, for id: CacheID, bytes: Int) {
        part(of: id.scope, id).part.withLock { part in
            part.entries.insert(entry, for: id, bytes: bytes + Self.overhead)
            guard id.scope != .everyone else { return }
            if part.members[id.scope, default: []].insert(id).inserted { part.listed += 1 }
            if part.listed > 2 * part.entries.count + 16 { Self.clear(&part) }
        }
    }

    /// Forgets what is meant of a scope.
    func removeAll(of scope: CacheScope, where isMeant: (CacheID) -> Bool) {
        guard scope != .everyone else { return removeAll { $0.scope == .everyone && isMeant($0) } }
        let shard = shards[Int(UInt(bitPattern: scope.hashValue) % UInt(shards.count))]
        shard.part.withLock { part in
            for id in part.members[scope] ?? [] where isMeant(id) { part.entries.remove(id) }
        }
    }

    func removeAll(where isMeant: (CacheID) -> Bool = { _ in true }) {
        for shard in shards {
            shard.part.withLock { part in
                part.entries.removeAll { id, _ in isMeant(id) }
                Self.clear(&part)
            }
        }
    }

    /// Forgets what is past all use. Each part is looked at by itself, so that nobody waits for the whole.
    func sweep(now: Int64) {
        for shard in shards {
            shard.part.withLock { part in
                part.entries.removeAll { $1.staleUntil <= now }
                Self.clear(&part)
            }
        }
    }

    /// Takes out of the lists what is no longer held.
    private static func clear(_ part: inout Part) {
        part.members = part.members.compactMapValues { ids in
            let held = ids.filter { part.entries.contains($0) }
            return held.isEmpty ? nil : held
        }
        part.listed = part.members.values.reduce(0) { $0 + $1.count }
    }

    var figures: Figures {
        shards.reduce(into: Figures()) { sum, shard in
            let own = shard.part.withLock { ($0.entries.count, $0.entries.bytes, $0.entries.evictions) }
            sum.items += own.0
            sum.bytes += own.1
            sum.evictions += own.2
        }
    }
}
