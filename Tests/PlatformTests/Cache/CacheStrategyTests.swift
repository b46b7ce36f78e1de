import Logging
import TestKit
import Testing

@testable import Platform

/// The guide's table of strategies, through the cache itself.
@Suite(.timeLimit(.minutes(10))) struct CacheStrategyTests {
    private let clock = ManualClock()
    private let organization = CacheScope.organization(ID())

    private func cache() -> Cache {
        var reader = SettingReader(
            sources: SettingSources(environment: ["NODE_ENV": "test"], dotenv: nil, toml: nil))
        let cache = Cache(
            CacheSettings(&reader, secret: Secret("of the tests")), shared: nil, clock: clock.wall, metrics: Metrics(),
            log: Logger(label: "test"))
        cache.hearing.set(.notify, isOpen: true)
        return cache
    }

    @Test(
        arguments: [
            (.userProfile, "user_profile", 300, .both), (.subscriptionData, "subscription_data", 300, .shared),
            (.apiKeys, "api_keys", 600, .both), (.staticData, "static_data", 3_600, .both),
        ] as [(CacheStrategy, String, Int, CacheStrategy.Layers)])
    func `each is kept as long as the guide says, and where`(
        _ strategy: CacheStrategy, _ name: String, _ seconds: Int, _ layers: CacheStrategy.Layers
    ) {
        #expect(strategy.name == name && strategy.layers == layers)
        #expect(strategy.ttl == .seconds(seconds))
    }

    @Test(
        arguments: [(.userProfile, 300, 30), (.apiKeys, 600, 0), (.staticData, 3_600, 300)]
            as [(CacheStrategy, Int, Int)])
    func `memory gives it for nine tenths of its time, and not beyond what may be stale`(
        _ strategy: CacheStrategy, _ seconds: Int, _ stale: Int
    ) async throws {
        let (cache, source) = (cache(), CountedSource("a"))
        let key = CacheKey<CachedWord>(strategy, of: organization)
        _ = try await cache.value(for: key) { await source.read() }
        clock.advance(by: .seconds(seconds * 9 / 10 - 1))
        _ = try await cache.value(for: key) { await source.read() }
        #expect(await source.reads == 1)
        clock.advance(by: .seconds(seconds / 10 + stale + 2))
        #expect(cache.remembered(key) == nil)
        _ = try await cache.value(for: key) { await source.read() }
        #expect(await source.reads == 2)
    }

    @Test func `a kind that would stay longer than all others stays an hour`() async throws {
        let (cache, source) = (cache(), CountedSource("a"))
        let key = CacheKey<CachedWord>(CacheStrategy("forever", ttl: .seconds(86_400), .both), of: organization)
        _ = try await cache.value(for: key) { await source.read() }
        clock.advance(by: .seconds(3_200))
        _ = try await cache.value(for: key) { await source.read() }
        #expect(await source.reads == 1)
        clock.advance(by: .seconds(401))
        _ = try await cache.value(for: key) { await source.read() }
        #expect(await source.reads == 2)
    }

    @Test func `what is of Redis alone is in no node's memory`() async throws {
        let (cache, source) = (cache(), CountedSource("a"))
        let key = CacheKey<CachedWord>(.subscriptionData, of: organization)
        for _ in 1...3 { _ = try await cache.value(for: key) { await source.read() } }
        #expect(await source.reads == 3)
        #expect(cache.memory.figures.items == 0)
    }

    @Test(arguments: [.apiKeys, .staticData, .userProfile] as [CacheStrategy])
    func `one that was revoked is gone at the next read`(_ strategy: CacheStrategy) async throws {
        let (cache, source) = (cache(), CountedSource("valid"))
        let key = CacheKey<CachedWord>(strategy, of: organization, "key 1")
        _ = try await cache.value(for: key) { await source.read() }
        await source.set(nil)
        await cache.forget(key)
        #expect(try await cache.value(for: key) { await source.read() } == nil)
    }
}
