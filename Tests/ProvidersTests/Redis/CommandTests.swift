import Codecs
import Platform
import Providers
import TestKit
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CommandTests {
    @Test func aValueIsKeptUntilItExpires() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                #expect(try await client.get("a") == nil)
                try await client.set("a", to: Array("one\r\n\0".utf8), expiringAfter: .seconds(60))
                try await client.set("b", to: [], expiringAfter: .milliseconds(1))
                #expect(try await client.get("a") == Array("one\r\n\0".utf8))
                try await until("it expires") { try await client.get("b") == nil }
                let deleted = try await client.delete(["a", "b", "c"])
                #expect(deleted == 1)
                let left = try await client.get("a")
                #expect(left == nil)
            }
        }
    }

    @Test func keysAndChannelsBearThePrefix() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.keyPrefix = "mine:" }) { client in
                try await client.set("a", to: [1], expiringAfter: .seconds(60))
                let keys = try await client.send(["keys", "*"], key: nil, within: nil, isRepeatable: true)
                #expect(keys == .array([.bulk(Array("mine:a".utf8))]))
            }
        }
    }

    @Test func aScriptIsLoadedWhereItIsUnknown() async throws {
        let script = SharedScript("return {redis.call('incrby', KEYS[1], ARGV[1]), ARGV[2]}")
        try await TestRedis.running { redis in
            try await redis.client { client in
                let first = try await client.evaluate(script, keys: ["n"], arguments: [2, "x"])
                #expect(first == .array([.integer(2), .bulk(Array("x".utf8))]))
                _ = try await client.send(["script", "flush"], key: nil, within: nil, isRepeatable: true)
                let second = try await client.evaluate(script, keys: ["n"], arguments: [3, "x"])
                #expect(second.elements?.first == .integer(5))
                let third = try await client.evaluate(script, keys: ["n"], arguments: [1, "x"])
                #expect(third.elements?.first == .integer(6))
                let stats = try await client.send(["info", "commandstats"], key: nil, within: nil, isRepeatable: true)
                // Twice unknown, so sent twice with its text, and by its name alone after that.
                #expect(stats.text?.contains("cmdstat_eval:calls=2,") == true)
            }
        }
    }

    @Test func aScriptsMistakeIsItsCallersToKnow() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                let failure = await failure { try await client.evaluate(SharedScript("return nonsense()"), keys: []) }
                guard case .refused(let error) = failure else { return #expect(failure == nil, "refused") }
                #expect(error.code == "ERR")
                #expect(client.isReachable)
            }
        }
    }

    @Test func commandsThatAreSentTogetherAreAnsweredEachWithItsOwn() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.maximumConnections = 3 }) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<2_000 {
                        group.addTask {
                            let answer = try await client.send(
                                ["echo", .integer(number)], key: nil, within: nil, isRepeatable: true)
                            #expect(answer.integer == number)
                        }
                    }
                    try await group.waitForAll()
                }
                let figures = try #require(client.figures.first).1
                #expect((1...3).contains(figures.connectionsMade))
                #expect(figures.commands == 2_000)
                #expect(figures.waiting == 0)
            }
        }
    }

    @Test func argumentsCannotBeginACommand() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                let key = "a\r\n*1\r\n$8\r\nflushall\r\n"
                try await client.set("kept", to: [1], expiringAfter: .seconds(60))
                try await client.set(key, to: [2], expiringAfter: .seconds(60))
                let value = try await client.get(key)
                #expect(value == [2])
                let kept = try await client.get("kept")
                #expect(kept == [1])
            }
        }
    }
}

/// What `body` fails with; nil when it does not.
func failure<Value>(_ body: () async throws -> Value) async -> SharedStoreFailure? {
    do {
        _ = try await body()
        return nil
    } catch let failure as SharedStoreFailure {
        return failure
    } catch {
        Issue.record("another error: \(error)")
        return nil
    }
}
