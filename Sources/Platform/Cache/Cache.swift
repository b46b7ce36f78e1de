import Codecs
import Logging
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was read a moment ago and need not be read again: in this node's memory, and in Redis for all nodes.
///
///     let profile = try await call.services.cache.value(for: CacheKey(.userProfile, of: .person(id))) {
///         try await Profile.read(id, call)
///     }
///
/// A hundred callers who miss the same value make one load. Whoever writes calls `forget` once the transaction has
/// committed: this node forgets at once, the others when they are told, by PostgreSQL's NOTIFY and by Redis, within a
/// few milliseconds. A node that does not hear the others uses its memory no more, and forgets all of it.
public final class Cache: Sendable {
    let settings: CacheSettings
    let memory: MemoryLayer
    let shared: SharedLayer?
    let flights = Flights()
    let figures = CacheFigures()
    let hearing = Hearing()
    let untold = Untold()
    /// What is told by NOTIFY, and what in Redis' channel.
    let notified: Rumours
    let published: Rumours?
    let node = Hex.encode((0..<8).map { _ in UInt8.random(in: .min ... .max) })
    let events: Events
    let log: Logger
    let watched = Locked<[WatchedMemory]>([])
    private let clock: WallClock

    package init(
        _ settings: CacheSettings, shared: (any SharedStore)?, clock: WallClock, metrics: Metrics, log: Logger
    ) {
        self.settings = settings
        self.clock = clock
        self.log = log
        memory = MemoryLayer(items: settings.mostItems, bytes: settings.mostBytes)
        events = Events(metrics: metrics, clock: clock)
        notified = Rumours(of: node)
        published = shared == nil ? nil : Rumours(of: node)
        self.shared = shared.map { [figures] in SharedLayer($0, secret: settings.secret) { _ in figures.noteFailure() }
        }
        metrics.observe("cache") { [weak self] in self?.samples ?? [] }
    }

    /// Shows the figures of another memory beside the cache's.
    package func watch(_ memory: WatchedMemory) { watched.withLock { $0.append(memory) } }

    /// The value as it is remembered, else as `load` reads it. Nil when there is none.
    ///
    /// - Parameter load: reads it as the scope's owner may see it: the answer is given to whoever asks with the same
    /// key.
    /// - Throws: what `load` throws; nothing of that is remembered.
    public func value<Value: Cacheable>(
        for key: CacheKey<Value>, _ load: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        guard settings.isEnabled else { return try await load() }
        let started = ContinuousClock.now
        let now = milliseconds
        if let entry = entry(key, now) {
            if entry.freshUntil <= now { refresh(key, load) }
            figures.noteHit(key.strategy, .memory, isStale: entry.freshUntil <= now, took: .now - started)
            // Another type of the same form would be a mistake in a feature: it is loaded anew.
            if let value = entry.value as? Value { return value }
            if entry.value == nil { return nil }
        }
        let loaded = try await flights.value(for: key.id) { [self] flight in
            if let landed = landed(key) { return landed.value }
            return try await fetch(key, flight, load)
        }
        return loaded as? Value
    }

    /// What another flight has brought between the look that missed it and the beginning of this one, which then has nothing to do.
    private func landed<Value: Cacheable>(_ key: CacheKey<Value>) -> MemoryLayer.Entry? {
        let now = milliseconds
        guard let entry = held(key, now), entry.freshUntil > now else { return nil }
        return entry.value == nil || entry.value is Value ? entry : nil
    }

    /// The value in memory, without waiting for anything: nil when it is not there.
    func remembered<Value: Cacheable>(_ key: CacheKey<Value>) -> Value? {
        guard settings.isEnabled else { return nil }
        return entry(key, milliseconds)?.value as? Value
    }

    private func entry<Value: Cacheable>(_ key: CacheKey<Value>, _ now: Int64) -> MemoryLayer.Entry? {
        let entry = held(key, now)
        if entry == nil, key.strategy.layers != .shared { figures.noteMiss(key.strategy, .memory) }
        return entry
    }

    /// What memory holds, as far as it is to be believed.
    private func held<Value: Cacheable>(_ key: CacheKey<Value>, _ now: Int64) -> MemoryLayer.Entry? {
        key.strategy.layers != .shared && hearing.isOpen ? memory.entry(of: key.id, now: now) : nil
    }

    private func refresh<Value: Cacheable>(
        _ key: CacheKey<Value>, _ load: @escaping @Sendable () async throws -> Value?
    ) {
        flights.begin(key.id) { [self] flight in
            do {
                return try await fetch(key, flight, load)
            } catch {
                // The old value stands until its time is over; then a caller meets the error.
                log.debug("a cached value was not renewed", metadata: ["strategy": "\(key.strategy.name)"])
                throw error
            }
        }
    }

    /// From Redis, else by the load; and into the layers.
    private func fetch<Value: Cacheable>(
        _ key: CacheKey<Value>, _ flight: Flights.Flight, _ load: @Sendable () async throws -> Value?
    ) async throws -> (any Cacheable)? {
        let strategy = key.strategy
        let found = strategy.layers == .memory ? nil : await askShared(key)
        if case .value(let bytes, let left, _)? = found {
            if let value = Value(cacheBytes: bytes) {
                keep(value, bytes.count, key, flight, until: min(left, settings.ttl(strategy, shared: false)))
                return value
            }
        } else if case .absent(let left, _)? = found {
            keep(nil as Value?, 0, key, flight, until: min(left, strategy.absent))
            return nil
        }
        figures.noteLoad(strategy)
        let value = try await load()
        await store(value, key, flight, generation: found?.generation)
        return value
    }

    private func askShared<Value: Cacheable>(_ key: CacheKey<Value>) async -> SharedLayer.Found? {
        guard let shared, !untold.covers(key.id.scope, now: milliseconds) else { return nil }
        let started = ContinuousClock.now
        let found = await shared.read(key.id.shared)
        if found?.isHit == true {
            figures.noteHit(key.strategy, .shared, isStale: false, took: .now - started)
        } else {
            figures.noteMiss(key.strategy, .shared)
        }
        return found
    }

    private func store<Value: Cacheable>(
        _ value: Value?, _ key: CacheKey<Value>, _ flight: Flights.Flight, generation: String?
    ) async {
        let strategy = key.strategy
        guard value != nil || strategy.absent > .zero else { return }
        let bytes = value?.cacheBytes
        let ttl = { (shared: Bool) in
            value == nil ? strategy.absent : Self.jittered(self.settings.ttl(strategy, shared: shared))
        }
        keep(value, bytes?.count ?? 0, key, flight, until: ttl(false))
        guard strategy.layers != .memory, let shared, let generation, flight.isCurrent else { return }
        await shared.write(bytes, to: key.id.shared, for: ttl(true), readAt: generation)
    }

    private func keep<Value: Cacheable>(
        _ value: Value?, _ bytes: Int, _ key: CacheKey<Value>, _ flight: Flights.Flight, until left: Duration
    ) {
        guard key.strategy.layers != .shared, hearing.isOpen else { return }
        let now = milliseconds
        let fresh = now + Int64(left.milliseconds)
        let stale = value == nil ? 0 : Int64(key.strategy.stale.milliseconds)
        let entry = MemoryLayer.Entry(value: value, freshUntil: fresh, staleUntil: fresh + stale)
        flight.whileCurrent { memory.insert(entry, for: key.id, bytes: bytes) }
    }

    /// A tenth less at most: what was loaded together does not end together.
    private static func jittered(_ ttl: Duration) -> Duration { ttl * Double.random(in: 0.9...1) }

    var milliseconds: Int64 { Int64(clock.now().timeIntervalSince1970 * 1_000) }
}
