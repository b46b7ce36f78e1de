import Codecs
import Foundation
@testable import Platform
import Providers
import TestKit
import Testing

/// Two nodes and a Redis between them. What it holds is a help and never needed, and never older than what a node forgot.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SharedCacheTests {
    /// Two nodes' caches, and the Redis that they share.
    private struct Pair: Sendable {
        let redis: TestRedis
        let one: Cache
        let two: Cache
        let nodes: (TestServer, TestServer)
    }

    /// - Parameter patience: milliseconds that a node waits for Redis: what it does not take in time stands only in the
    ///   node's memory, which a test of anything else must not meet on a slow machine.
    private static func pair(
        patience: Int = 5_000, _ body: @escaping @Sendable (Pair) async throws -> Void
    ) async throws {
        try await TestRedis.running { redis in
            let settings = redis.settings.merging(["REDIS_COMMAND_TIMEOUT": "\(patience)"]) { $1 }
            try await TestNode.serving(settings: settings) { one in
                try await TestNode.serving(settings: settings) { two in
                    let (first, second) = (one.node.services, two.node.services)
                    try await until("both are there") {
                        guard first.shared?.isReachable == true, second.shared?.isReachable == true else {
                            return false
                        }
                        let hear = (await Self.figure("hearing", first), await Self.figure("hearing", second))
                        return hear == (1, 1)
                    }
                    try await body(Pair(redis: redis, one: first.cache, two: second.cache, nodes: (one, two)))
                }
            }
        }
    }

    private static func figure(_ name: String, _ services: Services) async -> Double? {
        let line = await services.metrics.exposition().split(separator: "\n").first {
            $0.hasPrefix("leansaas_cache_\(name) ")
        }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    /// Asks the cache, which asks the source if it has to.
    private static func expect(
        _ text: String, from cache: Cache, _ key: CacheKey<CachedWord>, _ source: CountedSource,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await cache.value(for: key) { await source.read() }
        #expect(found == CachedWord(text), sourceLocation: sourceLocation)
    }

    private let scope = CacheScope.person(ID())

    private func key(_ strategy: CacheStrategy, _ name: String = "") -> CacheKey<CachedWord> {
        CacheKey(strategy, of: scope, name)
    }

    @Test func `what one node read the other has from Redis`() async throws {
        let key = key(.subscriptionData)
        try await Self.pair { pair in
            let source = CountedSource("a")
            try await Self.expect("a", from: pair.one, key, source)
            try await Self.expect("a", from: pair.two, key, source)
            #expect(await source.reads == 1)
        }
    }

    @Test func `Redis holds no id in its keys, packs what is long, and ends all of it`() async throws {
        let (scope, short, long) = (scope, key(.userProfile, "short"), key(.userProfile, "long"))
        try await Self.pair { pair in
            _ = try await pair.one.value(for: short) { CachedWord("short") }
            _ = try await pair.one.value(for: long) { CachedWord(String(repeating: "long ", count: 10_000)) }
            try await pair.redis.client { client in
                let keys =
                    try await client.send(["keys", "*"], key: nil, within: nil, isRepeatable: true).elements ?? []
                let names = keys.compactMap(\.text)
                #expect(names.count >= 3)
                guard case .person(let id) = scope else { return }
                for name in names {
                    #expect(name.hasPrefix("saas:cache:{"))
                    #expect(!name.contains(id.text) && !name.contains("short") && !name.contains("profile"))
                    let left = try await client.send(["pttl", .text(name)], key: name, within: nil, isRepeatable: true)
                    #expect((left.integer ?? -1) > 0)
                    let size = try await client.send(
                        ["memory", "usage", .text(name)], key: name, within: nil, isRepeatable: true)
                    #expect((size.integer ?? .max) < 2_000)
                }
            }
            let found = try await pair.two.value(for: long) { nil }
            #expect(found?.text.count == 50_000)
        }
    }

    @Test(
        arguments: [(.userProfile, 300), (.subscriptionData, 300), (.apiKeys, 600), (.staticData, 3_600)]
            as [(CacheStrategy, Int)])
    func `each strategy's values stand in Redis for its time, less a tenth at most`(
        _ strategy: CacheStrategy, _ seconds: Int
    ) async throws {
        let key = key(strategy)
        try await Self.pair { pair in
            _ = try await pair.one.value(for: key) { CachedWord("a") }
            #expect((pair.one.remembered(key) == nil) == (strategy.layers == .shared))
            try await pair.redis.client { client in
                let name = try #require(try await Self.names(client).first)
                let left = try await client.send(["pttl", .text(name)], key: name, within: nil, isRepeatable: true)
                let milliseconds = try #require(left.integer)
                // A minute for a slow machine.
                #expect((seconds * 900 - 60_000...seconds * 1_000).contains(milliseconds))
            }
            let found = try await pair.two.value(for: key) { CachedWord("b") }
            #expect(found == CachedWord("a"))
        }
    }

    @Test func `what one node forgets, neither Redis nor the other node gives any more`() async throws {
        let key = key(.userProfile)
        try await Self.pair { pair in
            let source = CountedSource("0")
            for round in 1...20 {
                _ = try await pair.two.value(for: key) { await source.read() }
                await source.set("\(round)")
                await pair.one.forget(key)
                try await Self.expect("\(round)", from: pair.one, key, source)
                try await until("the other node has \(round)") {
                    try await pair.two.value(for: key) { await source.read() } == CachedWord("\(round)")
                }
            }
        }
    }

    @Test func `what was read before another node forgot it is not written to Redis after`() async throws {
        let key = key(.subscriptionData)
        try await Self.pair { pair in
            let (source, door) = (CountedSource("old"), Turnstile())
            async let early = pair.two.value(for: key) {
                let word = await source.read()
                await door.pass()
                return word
            }
            await door.untilHeld()
            await source.set("new")
            await pair.one.forget(key)
            await door.open()
            let first = try await early
            #expect(first == CachedWord("old"))
            try await Self.expect("new", from: pair.one, key, source)
            try await Self.expect("new", from: pair.two, key, source)
        }
    }

    @Test func `what is forgotten while Redis hangs is not read there when it is back`() async throws {
        let key = key(.subscriptionData)
        try await Self.pair(patience: 100) { pair in
            let source = CountedSource("old")
            _ = try await pair.one.value(for: key) { await source.read() }
            pair.redis.pause()
            try await until("the nodes notice") {
                _ = try await pair.one.value(for: key) { await source.read() }
                return pair.nodes.0.node.services.shared?.isReachable == false
            }
            await source.set("new")
            await pair.one.forget(key)
            try await Self.expect("new", from: pair.one, key, source)
            pair.redis.resume()
            try await until("Redis was told") { await Self.figure("untold", pair.nodes.0.node.services) == 0 }
            try await Self.expect("new", from: pair.two, key, source)
            try await Self.expect("new", from: pair.one, key, source)
        }
    }

    @Test func `what was forgotten after Redis wrote its copy does not come back with the copy`() async throws {
        let key = key(.subscriptionData)
        try await Self.pair { pair in
            let source = CountedSource("old")
            try await Self.expect("old", from: pair.one, key, source)
            try await pair.redis.client { client in
                #expect(try await Self.names(client).count == 1)
                _ = try await client.send(["save"], key: nil, within: nil, isRepeatable: true)
            }
            await source.set("new")
            await pair.one.forget(key)
            // Whoever has not heard of it yet may show what is old, as at any other time.
            try await until("the other node has heard") { pair.two.untold.kept == 1 }
            try await pair.redis.crash()
            try await pair.redis.launch()
            // The nodes may have told it already: what it began with is asked, not what it holds.
            let copy = try await pair.redis.client { client in
                try await client.send(["info", "persistence"], key: nil, within: nil, isRepeatable: true).text ?? ""
            }
            let loaded = copy.split(separator: "\r\n").compactMap { line in
                line.hasPrefix("rdb_last_load_keys_loaded:") ? Int(line.drop { $0 != ":" }.dropFirst()) : nil
            }
            #expect((loaded.first ?? 0) > 0, "the copy was read, or this shows nothing")
            for _ in 0..<100 {
                try await Self.expect("new", from: pair.two, key, source)
                try await Self.expect("new", from: pair.one, key, source)
            }
            try await until("Redis was told once more") {
                await Self.figure("untold", pair.nodes.0.node.services) == 0
            }
            try await Self.expect("new", from: pair.two, key, source)
        }
    }

    /// The names under which values stand in Redis.
    private static func names(_ client: RedisClient) async throws -> [String] {
        let found = try await client.send(["keys", "*"], key: nil, within: nil, isRepeatable: true).elements ?? []
        return found.compactMap(\.text).filter { !$0.hasSuffix(":members") && !$0.hasSuffix(":generation") }
    }

    private static func plant(_ bytes: [UInt8], under name: String, _ client: RedisClient) async throws {
        _ = try await client.send(
            ["set", .text(name), .bytes(bytes), "px", 60_000], key: name, within: nil, isRepeatable: true)
    }

    @Test func `nonsense and bombs in Redis are misses`() async throws {
        let key = key(.subscriptionData)
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 32 << 20), level: 9))
        let unsealed = [UInt8](repeating: 0, count: 16)
        let plants: [[UInt8]] = [
            [], [0], [2], [2, 9, 9], [2, 0] + unsealed + Array("poison".utf8), [2, 2] + unsealed,
            Array("HTTP/1.1 200 OK".utf8), [2, 1] + unsealed + bomb, [1, 0] + Array("poison".utf8),
            CacheEnvelope(Secret("of somebody else")).seal(Array("poison".utf8), as: "poison"),
        ]
        try await Self.pair { pair in
            _ = try await pair.one.value(for: key) { CachedWord("first") }
            try await pair.redis.client { client in
                let names = try await Self.names(client)
                #expect(names.count == 1)
                for plant in plants {
                    for name in names { try await Self.plant(plant, under: name, client) }
                    let found = try await pair.two.value(for: key) { CachedWord("loaded") }
                    #expect(found == CachedWord("loaded"), "\(plant.prefix(16))")
                }
            }
        }
    }

    @Test func `a value of another shape under the same name is a miss`() async throws {
        let scope = scope
        try await Self.pair { pair in
            _ = try await pair.one.value(for: CacheKey<CachedWord>(.userProfile, of: scope)) { CachedWord("no number") }
            for cache in [pair.two, pair.one] {
                let found = try await cache.value(for: CacheKey<CachedNumber>(.userProfile, of: scope)) {
                    CachedNumber(value: 7)
                }
                #expect(found == CachedNumber(value: 7))
            }
        }
    }

    @Test func `one person's value under another's name in Redis is given to nobody`() async throws {
        let (hers, his) = (key(.subscriptionData), CacheKey<CachedWord>(.subscriptionData, of: .person(ID())))
        try await Self.pair { pair in
            _ = try await pair.one.value(for: hers) { CachedWord("hers") }
            try await pair.redis.client { client in
                let name = try #require(try await Self.names(client).first)
                let sealed = try await client.send(["get", .text(name)], key: name, within: nil, isRepeatable: true)
                let bytes = try #require(sealed.bytes)
                _ = try await pair.one.value(for: his) { CachedWord("his") }
                let other = try #require(try await Self.names(client).first { $0 != name })
                try await Self.plant(bytes, under: other, client)
                for cache in [pair.one, pair.two] {
                    let found = try await cache.value(for: his) { CachedWord("his own") }
                    #expect(found == CachedWord("his own"))
                    try await Self.plant(bytes, under: other, client)
                }
            }
        }
    }

    @Test func `a Redis that goes and comes back costs no answer and is used again`() async throws {
        let key = key(.subscriptionData)
        try await Self.pair(patience: 200) { pair in
            let source = CountedSource("a")
            try await pair.redis.crash()
            for _ in 0..<50 { try await Self.expect("a", from: pair.one, key, source) }
            try await pair.redis.launch()
            try await until("the second node finds what the first left") {
                _ = try await pair.one.value(for: key) { await source.read() }
                let before = await source.reads
                _ = try await pair.two.value(for: key) { await source.read() }
                return await source.reads == before
            }
        }
    }
}

/// A number that bears the name of a text: what a mistake in a feature would look like.
private struct CachedNumber: Cacheable, Equatable {
    static let cacheForm = CachedWord.cacheForm
    let value: Int

    init(value: Int) { self.value = value }
    init?(cacheBytes: [UInt8]) {
        guard let value = Int(String(decoding: cacheBytes, as: UTF8.self)) else { return nil }
        self.value = value
    }
    var cacheBytes: [UInt8] { Array("\(value)".utf8) }
}
