import Foundation
import Logging
import TestKit
import Testing

@testable import Platform

/// What a cache says to others, and what it does with what it hears.
@Suite(.timeLimit(.minutes(10))) struct CacheTellingTests {
    private let person = CacheScope.person(ID())

    private func cache(_ settings: [String: String] = [:]) -> Cache {
        let environment = settings.merging(["NODE_ENV": "test"]) { $1 }
        var reader = SettingReader(sources: SettingSources(environment: environment, dotenv: nil, toml: nil))
        return Cache(
            CacheSettings(&reader, secret: Secret("of the tests")), shared: nil, clock: .system, metrics: Metrics(),
            log: Logger(label: "test"))
    }

    private func key(_ scope: CacheScope, _ name: String = "") -> CacheKey<CachedWord> {
        CacheKey(.userProfile, of: scope, name)
    }

    /// What the cache tells of what it forgot.
    private func told(by cache: Cache) async throws -> [String] {
        let (messages, feed) = AsyncStream<[String]>.makeStream()
        let telling = Task { await cache.notified.run { feed.yield($0) } }
        defer { telling.cancel() }
        return try await within("something is told") { await messages.first { _ in true } ?? [] }
    }

    @Test func `memory is believed only while the node hears the others`() async throws {
        let (cache, source, key) = (cache(), CountedSource("a"), key(person))
        for _ in 1...2 { _ = try await cache.value(for: key) { await source.read() } }
        #expect(await source.reads == 2)
        cache.subscription.onGap()
        cache.subscription.onHearing(true)
        for _ in 1...2 { _ = try await cache.value(for: key) { await source.read() } }
        #expect(await source.reads == 3)
        cache.subscription.onHearing(false)
        cache.subscription.onGap()
        #expect(try await cache.value(for: key) { await source.read() } == CachedWord("a"))
        #expect(await source.reads == 4)
        cache.subscription.onGap()
        cache.subscription.onHearing(true)
        #expect(cache.remembered(key) == nil)
    }

    @Test func `what was read while nothing was heard is not kept once something is`() async throws {
        let (cache, key, gate) = (cache(), key(person), Turnstile())
        async let early = cache.value(for: key) {
            await gate.pass()
            return CachedWord("old")
        }
        await gate.untilHeld()
        cache.subscription.onGap()
        cache.subscription.onHearing(true)
        await gate.open()
        #expect(try await early == CachedWord("old"))
        #expect(cache.remembered(key) == nil)
    }

    @Test func `what one forgets another forgets when it hears of it, and nothing else`() async throws {
        let (one, two) = (cache(), cache())
        two.hearing.set(.notify, isOpen: true)
        let keys = [key(person, "a"), key(person, "b"), key(.person(ID())), key(.everyone), key(.organization(ID()))]
        for key in keys { _ = try await two.value(for: key) { CachedWord("old") } }
        await one.forget(keys[0])
        await one.forget(CacheScope.everyone)
        for message in try await told(by: one) { two.hear(message) }
        #expect(keys.map { two.remembered($0) == nil } == [true, false, false, true, false])
    }

    @Test func `a node does not listen to itself`() async throws {
        let (cache, key) = (cache(), key(person))
        cache.hearing.set(.notify, isOpen: true)
        await cache.forget(key)
        _ = try await cache.value(for: key) { CachedWord("new") }
        for message in try await told(by: cache) { cache.hear(message) }
        #expect(cache.remembered(key) == CachedWord("new"))
    }

    @Test func `a node that remembers nothing tells the others just the same`() async throws {
        let cache = cache(["CACHE_ENABLED": "false"])
        await cache.forget(key(person))
        #expect(try await told(by: cache).count == 1)
    }

    @Test func `many changes are told together, in messages that PostgreSQL takes`() async throws {
        let (one, two) = (cache(), cache(["CACHE_MAX_SIZE": "10000"]))
        two.hearing.set(.notify, isOpen: true)
        let keys = (0..<1_000).map { _ in key(.organization(ID())) }
        for key in keys { _ = try await two.value(for: key) { CachedWord("old") } }
        for key in keys { await one.forget(key) }
        let messages = try await told(by: one)
        #expect(messages.count <= 20 && messages.allSatisfy { $0.utf8.count < 8_000 })
        for message in messages { two.hear(message) }
        #expect(keys.allSatisfy { two.remembered($0) == nil })
    }

    @Test func `more than can be told one by one is told as everything`() async throws {
        let (one, two) = (cache(), cache())
        two.hearing.set(.notify, isOpen: true)
        _ = try await two.value(for: key(person)) { CachedWord("old") }
        for _ in 0...Rumours.most { one.notified.add(.scope(.person(ID()))) }
        let messages = try await told(by: one)
        #expect(messages.count == 1)
        for message in messages { two.hear(message) }
        #expect(two.remembered(key(person)) == nil)
    }

    @Test(arguments: [
        "", "\n", "other", "other\nx", "other\nperson:nobody *", "other\n* *", "other\neveryone", "other\n* * missed",
    ])
    func `what is no message of ours forgets at most too much`(_ message: String) async throws {
        let (cache, key) = (cache(), key(person))
        cache.hearing.set(.notify, isOpen: true)
        _ = try await cache.value(for: key) { CachedWord("a") }
        cache.hear(message)
        #expect(try await cache.value(for: key) { CachedWord("b") } != nil)
    }

    @Test func `what could not be told is told again`() async throws {
        struct Lost: Error {}
        let cache = cache()
        await cache.forget(key(person))
        let (messages, feed) = AsyncStream<[String]>.makeStream()
        let tries = CountedSource("a")
        let telling = Task {
            await cache.notified.run { messages in
                _ = await tries.read()
                guard await tries.reads > 2 else { throw Lost() }
                feed.yield(messages)
            }
        }
        defer { telling.cancel() }
        let told = try await within("it is told") { await messages.first { _ in true } ?? [] }
        #expect(told.count == 1)
    }

    @Test func `what was being told when the node ends is told before it has ended`() async throws {
        let (cache, gate, key) = (cache(), Turnstile(), key(person))
        let telling = Task {
            await cache.notified.run { _ in
                await gate.pass()
                try Task.checkCancellation()
            }
        }
        await cache.forget(key)
        await gate.untilHeld()
        telling.cancel()
        await gate.open()
        await telling.value
        let (messages, feed) = AsyncStream<[String]>.makeStream()
        let ending = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await cache.notified.finish { messages in
                try Task.checkCancellation()
                feed.yield(messages)
            }
        }
        try await ending.value
        let told = try await within("it is told") { await messages.first { _ in true } ?? [] }
        #expect(told.count == 1)
    }

    @Test func `what Redis was not told of a scope keeps that scope from being read there`() {
        let (untold, other) = (Untold(), CacheScope.person(ID()))
        let rumours: [Rumours.Rumour] = [.value(person, key: "a"), .value(person, key: "b"), .scope(person)]
        var numbers = rumours.map { untold.add($0, until: 0) }
        numbers[2] = untold.add(rumours[2], until: 0)
        for (rumour, number) in zip(rumours, numbers) {
            #expect(untold.covers(person, now: 1) && !untold.covers(other, now: 1))
            untold.told(rumour, number)
        }
        #expect(!untold.covers(person, now: 1) && untold.count == 0)
        untold.add(.everything, until: 50)
        #expect(untold.covers(other, now: 49) && !untold.covers(other, now: 50))
    }

    @Test func `an answer of Redis does not speak for a change that came after the question`() {
        let untold = Untold()
        let first = untold.add(.scope(person), until: 0)
        let second = untold.add(.scope(person), until: 0)
        untold.told(.scope(person), first)
        #expect(untold.covers(person, now: 1))
        untold.told(.scope(person), second)
        #expect(!untold.covers(person, now: 1))
    }

    @Test func `what Redis was told is told once more to the Redis that comes after it, while it matters`() {
        let (untold, other) = (Untold(), CacheScope.person(ID()))
        let number = untold.add(.scope(person), until: 100)
        untold.told(.scope(person), number)
        #expect(!untold.heard(.value(other, key: "a"), until: 50, now: 1))
        #expect(!untold.covers(person, now: 1) && !untold.covers(other, now: 1))
        untold.doubt(now: 60)
        #expect(untold.covers(person, now: 60) && !untold.covers(other, now: 60) && untold.count == 1)
        let again = untold.next(10)
        #expect(again.map(\.rumour) == [.scope(person)])
        untold.told(.scope(person), again[0].number)
        untold.sweep(now: 100)
        untold.doubt(now: 99)
        #expect(!untold.covers(person, now: 99))
    }

    @Test func `what there was no room for keeps Redis from being read at all after a doubt`() {
        let (untold, other) = (Untold(), CacheScope.person(ID()))
        #expect(!untold.heard(.everything, until: 200, now: 100))
        #expect(!untold.covers(other, now: 150))
        untold.doubt(now: 150)
        #expect(untold.covers(other, now: 199) && !untold.covers(other, now: 200))
    }

    @Test func `a word that arrives after Redis was gone may have been told to the one before, and is told once more`()
    {
        let untold = Untold()
        untold.doubt(now: 1_000)
        let late = Rumours.Rumour.value(person, key: "a")
        #expect(untold.heard(late, until: 9_000_000, now: 2_000))
        #expect(untold.covers(person, now: 2_000))
        untold.told(late, untold.next(1)[0].number)
        #expect(!untold.heard(late, until: 9_000_000, now: 3_000), "or two nodes would tell each other without end")
        #expect(!untold.covers(person, now: 3_000))
        #expect(!untold.heard(.scope(person), until: 9_000_000, now: 61_000))
    }
}
