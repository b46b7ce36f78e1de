import Foundation
import Logging
import TestKit
import Testing

@testable import Platform
@testable import Postgres

@Suite(.timeLimit(.minutes(10))) struct CacheTests {
    private let clock = ManualClock()
    private let person = CacheScope.person(ID())

    private func cache(_ settings: [String: String] = [:]) -> Cache {
        let environment = settings.merging(["NODE_ENV": "test"]) { $1 }
        var reader = SettingReader(sources: SettingSources(environment: environment, dotenv: nil, toml: nil))
        let cache = Cache(
            CacheSettings(&reader, secret: Secret("of the tests")), shared: nil, clock: clock.wall, metrics: Metrics(),
            log: Logger(label: "test"))
        cache.hearing.set(.notify, isOpen: true)
        return cache
    }

    /// A time that the stale window outlasts, however much of it chance takes away.
    private static let tenSeconds = ["CACHE_TTL_USER_DATA": "10000"]

    private func key(_ scope: CacheScope, _ name: String = "") -> CacheKey<CachedWord> {
        CacheKey(.userProfile, of: scope, name)
    }

    @Test func `what was read is not read again, until its time is over`() async throws {
        let (cache, source) = (cache(), CountedSource("a"))
        for _ in 1...3 { _ = try await cache.value(for: key(person)) { await source.read() } }
        #expect(await source.reads == 1)
        clock.advance(by: .seconds(400))
        #expect(try await cache.value(for: key(person)) { await source.read() } == CachedWord("a"))
        #expect(await source.reads == 2)
        #expect(cache.hitRate == 0.5)
    }

    @Test func `nobody is given what was read for another`() async throws {
        let cache = cache()
        let others: [CacheScope] = [.everyone, .person(ID()), .organization(ID()), .organization(ID())]
        _ = try await cache.value(for: key(person)) { CachedWord("mine") }
        for (number, scope) in others.enumerated() {
            #expect(try await cache.value(for: key(scope)) { CachedWord("\(number)") } == CachedWord("\(number)"))
        }
        #expect(try await cache.value(for: key(person)) { CachedWord("new") } == CachedWord("mine"))
        #expect(try await cache.value(for: key(person, "other")) { CachedWord("other") } == CachedWord("other"))
    }

    @Test func `a person and an organization of the same id are two`() async throws {
        let (cache, id) = (cache(), UUID())
        _ = try await cache.value(for: key(.person(ID(id)))) { CachedWord("person") }
        #expect(try await cache.value(for: key(.organization(ID(id)))) { CachedWord("org") } == CachedWord("org"))
    }

    @Test func `five hundred who miss the same make one load`() async throws {
        let (cache, source, gate) = (cache(), CountedSource("a"), Turnstile())
        let key = key(person)
        try await withThrowingTaskGroup(of: CachedWord?.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    try await cache.value(for: key) {
                        await gate.pass()
                        return await source.read()
                    }
                }
            }
            await gate.open()
            for try await word in group { #expect(word == CachedWord("a")) }
        }
        #expect(await source.reads == 1)
    }

    @Test func `who has looked in vain while a load landed makes no other`() async throws {
        let (cache, source) = (cache(), CountedSource("a"))
        for round in 1...500 {
            let key = key(person, "\(round)")
            await withThrowingTaskGroup(of: CachedWord?.self) { group in
                for _ in 0..<16 { group.addTask { try await cache.value(for: key) { await source.read() } } }
            }
            try #require(await source.reads == round)
        }
    }

    @Test func `what is forgotten while it is read is not kept, and given to nobody who comes later`() async throws {
        let (cache, source, gate) = (cache(), CountedSource("old"), Turnstile())
        let key = key(person)
        async let early = cache.value(for: key) {
            let word = await source.read()
            await gate.pass()
            return word
        }
        await gate.untilHeld()
        await source.set("new")
        await cache.forget(key)
        #expect(try await cache.value(for: key) { await source.read() } == CachedWord("new"))
        await gate.open()
        #expect(try await early == CachedWord("old"))
        #expect(cache.remembered(key) == CachedWord("new"))
    }

    @Test func `a scope is forgotten as a whole, and nothing else`() async throws {
        let cache = cache()
        let other = CacheScope.person(ID())
        for name in ["a", "b"] { _ = try await cache.value(for: key(person, name)) { CachedWord(name) } }
        _ = try await cache.value(for: key(other)) { CachedWord("other") }
        await cache.forget(person)
        #expect(cache.remembered(key(person, "a")) == nil && cache.remembered(key(person, "b")) == nil)
        #expect(cache.remembered(key(other)) == CachedWord("other"))
    }

    @Test func `that there is none is remembered, for a short time`() async throws {
        let (cache, source) = (cache(), CountedSource(nil))
        for _ in 1...3 { #expect(try await cache.value(for: key(person)) { await source.read() } == nil) }
        #expect(await source.reads == 1)
        await source.set("now")
        clock.advance(by: .seconds(11))
        #expect(try await cache.value(for: key(person)) { await source.read() } == CachedWord("now"))
    }

    @Test func `a load that fails is told to all who wait, and not kept`() async throws {
        let (cache, key) = (cache(), key(person))
        let gate = Turnstile()
        let load: @Sendable () async throws -> CachedWord? = {
            await gate.pass()
            throw Refused()
        }
        let first = Task { try await cache.value(for: key, load) }
        await gate.untilHeld()
        let second = Task { try await cache.value(for: key, load) }
        try await until("both wait") { cache.flights.waiting == 2 }
        await gate.open()
        for caller in [first, second] { await #expect(throws: Refused.self) { try await caller.value } }
        #expect(try await cache.value(for: key) { CachedWord("a") } == CachedWord("a"))
    }

    @Test func `a caller who goes away takes nobody's answer along`() async throws {
        let (cache, gate) = (cache(), Turnstile())
        let key = key(person)
        let load: @Sendable () async throws -> CachedWord? = {
            await gate.pass()
            return CachedWord("a")
        }
        let first = Task { try await cache.value(for: key, load) }
        await gate.untilHeld()
        let second = Task { try await cache.value(for: key, load) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        await gate.open()
        #expect(try await second.value == CachedWord("a"))
    }

    @Test func `an ended session is told to whoever has it, and to none who waits beside`() async throws {
        let (cache, key, gate) = (cache(), key(person), Turnstile())
        let ended = Task {
            try await cache.value(for: key) {
                await gate.pass()
                throw DatabaseError.server(.init(ended: "the session has ended"))
            }
        }
        await gate.untilHeld()
        let others = (0..<20).map { _ in Task { try await cache.value(for: key) { CachedWord("mine") } } }
        try await until("they wait") { cache.flights.waiting == 21 }
        await gate.open()
        await #expect(throws: DatabaseError.self) { try await ended.value }
        for other in others { #expect(try await other.value == CachedWord("mine")) }
    }

    @Test func `past its time a value is given once more, while one load brings the new one`() async throws {
        let (cache, source, key) = (cache(Self.tenSeconds), CountedSource("old"), key(person))
        _ = try await cache.value(for: key) { await source.read() }
        await source.set("new")
        clock.advance(by: .seconds(15))
        for _ in 0..<20 {
            let word = try await cache.value(for: key) { await source.read() }
            #expect(word == CachedWord("old") || word == CachedWord("new"))
        }
        try await until("the new one is there") { cache.remembered(key) == CachedWord("new") }
        #expect(await source.reads == 2)
    }

    @Test func `a new load that fails leaves the old value until its time is over`() async throws {
        let (cache, key) = (cache(Self.tenSeconds), key(person))
        _ = try await cache.value(for: key) { CachedWord("old") }
        clock.advance(by: .seconds(15))
        for _ in 0..<3 {
            #expect(try await cache.value(for: key) { throw Refused() } == CachedWord("old"))
            try await until("the load has failed") { cache.flights.isEmpty }
        }
        clock.advance(by: .seconds(60))
        await #expect(throws: Refused.self) { try await cache.value(for: key) { throw Refused() } }
    }

    @Test func `switched off, each read asks`() async throws {
        let (cache, source) = (cache(["CACHE_ENABLED": "false"]), CountedSource("a"))
        for _ in 1...3 { _ = try await cache.value(for: key(person)) { await source.read() } }
        #expect(await source.reads == 3)
    }

    @Test func `times: a variable that is set wins, then the strategy's own, then the layer's`() {
        let plain = CacheStrategy("plain", .both)
        func settings(_ values: [String: String]) -> CacheSettings {
            var reader = SettingReader(sources: SettingSources(environment: values, dotenv: nil, toml: nil))
            return CacheSettings(&reader, secret: Secret("of the tests"))
        }
        #expect(settings([:]).ttl(.userProfile, shared: false) == .seconds(300))
        #expect(settings(["CACHE_TTL_USER_DATA": "60000"]).ttl(.userProfile, shared: true) == .seconds(60))
        #expect(settings(["CACHE_TTL_STATIC_DATA": "1000"]).ttl(.staticData, shared: false) == .seconds(1))
        #expect(settings(["CACHE_TTL_DEFAULT": "1000"]).ttl(.apiKeys, shared: false) == .seconds(600))
        #expect(settings([:]).ttl(plain, shared: false) == .seconds(300))
        #expect(settings([:]).ttl(plain, shared: true) == .seconds(1_800))
        #expect(settings(["CACHE_TTL_DEFAULT": "1000"]).ttl(plain, shared: true) == .seconds(1))
    }
}

/// What a load of a test throws.
private struct Refused: Error {}

extension ServerError {
    fileprivate init(ended message: String) {
        self.init(
            state: .sessionEnded, message: message, detail: nil, hint: nil, schema: nil, table: nil, column: nil,
            constraint: nil)
    }
}
