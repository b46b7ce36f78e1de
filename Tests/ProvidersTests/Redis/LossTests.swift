import Codecs
import Platform
import Providers
import TestKit
import Testing

/// What a server that hangs, goes, lies or drowns costs those who call.
@Suite(.timeLimit(.minutes(10)))
struct LossTests {
    @Test func aServerThatHangsCostsOneDeadlineAndThenNothing() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.commandTimeout = .seconds(3) }) { client in
                try await reached(client)
                redis.pause()
                let begun = ContinuousClock.now
                let failures = await withTaskGroup(of: SharedStoreFailure?.self) { group in
                    for _ in 0..<50 { group.addTask { await failure { try await client.get("a") } } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(failures.contains(.deadline(mayHaveRun: true)))
                // Those whose time was not up are told at once, and who came later is not sent at all.
                let others: Set<SharedStoreFailure?> = [.deadline(mayHaveRun: true), .connectionLost, .unreachable]
                #expect(others.isSuperset(of: failures))
                #expect(ContinuousClock.now - begun >= .milliseconds(2_900))
                #expect(!client.isReachable)
                // Now nobody waits, and nothing is sent.
                let timeouts = client.figures.first?.1.timeouts
                let unreachables = client.figures.first?.1.unreachables ?? 0
                for _ in 0..<10_000 {
                    let failure = await failure { try await client.get("a") }
                    #expect(failure == .unreachable)
                }
                #expect(client.figures.first?.1.timeouts == timeouts)
                #expect(client.figures.first?.1.unreachables == unreachables + 10_000)
                redis.resume()
                try await until("it is reached again") { client.isReachable }
                try await client.set("a", to: [1], expiringAfter: .seconds(9), within: .seconds(5))
            }
        }
    }

    @Test func theWordOnReachabilityIsTold() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                try await reached(client)
                var words = client.reachability().makeAsyncIterator()
                #expect(await words.next() == true)
                try await redis.crash()
                #expect(await words.next() == false)
                let failure = await failure { try await client.get("a") }
                #expect(failure == .unreachable)
                try await redis.launch()
                #expect(await words.next() == true)
                try await client.set("a", to: [1], expiringAfter: .seconds(9))
                let figures = try #require(client.figures.first).1
                #expect(figures.losses == 1)
                #expect(figures.recoveries == 1)
                #expect(figures.fault == nil)
            }
        }
    }

    @Test func whatMayBeRepeatedIsWhenItsConnectionGoes() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.maximumConnections = 1 }) { client in
                try await reached(client)
                let blocked = Task {
                    await failure {
                        try await client.send(["blpop", "saas:list", 0], key: nil, within: nil, isRepeatable: true)
                    }
                }
                let lost = Task {
                    await failure {
                        try await client.send(["blpop", "saas:other", 0], key: nil, within: nil, isRepeatable: false)
                    }
                }
                try await redis.client { other in
                    try await until("both wait") {
                        guard client.figures.first?.1.waiting == 2 else { return false }
                        let list = try await other.send(["client", "list"], key: nil, within: nil, isRepeatable: true)
                        return list.text?.contains("cmd=blpop") == true
                    }
                    _ = try await other.send(
                        ["client", "kill", "type", "normal", "skipme", "yes"], key: nil, within: nil,
                        isRepeatable: false)
                    _ = try await other.send(["rpush", "saas:list", "x"], key: nil, within: nil, isRepeatable: false)
                }
                #expect(await blocked.value == nil)
                #expect(await lost.value == .connectionLost)
                #expect(client.figures.first?.1.repeats == 1)
            }
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\n\r\n", "+OK\r\n", "*3\r\n", "$-9\r\n", "%1\r\n$5\r\nproto\r\n:2\r\n"])
    func whatAnswersNonsenseIsGone(answer: String) async throws {
        let liar = try await FreeListener(answer: Array(answer.utf8))
        var options = RedisOptions(.server(.host("127.0.0.1", port: liar.port)))
        options.connectTimeout = .milliseconds(500)
        try await withStore(RedisClient(options)) { client in
            let refused = await failure { try await client.get("a", within: .seconds(20)) }
            #expect(refused == .unreachable)
            #expect(!client.isReachable)
        }
        try await liar.close()
    }

    @Test func whoeverIsOneTooManyIsRefusedAtOnce() async throws {
        try await TestRedis.running { redis in
            let change: (inout RedisOptions) -> Void = {
                $0.queueLimit = 10
                $0.commandTimeout = .seconds(60)
            }
            try await redis.client(change) { client in
                try await reached(client)
                redis.pause()
                let failures = try await withThrowingTaskGroup(of: SharedStoreFailure?.self) { group in
                    for _ in 0..<30 { group.addTask { await failure { try await client.get("a") } } }
                    try await until("twenty are refused while ten wait") {
                        client.figures.first?.1.overflows == 20
                    }
                    redis.resume()
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(failures.count { $0 == .busy } == 20)
                #expect(failures.count { $0 == nil } == 10)
                #expect(client.figures.first?.1.overflows == 20)
                try await until("the places are free again") { client.figures.first?.1.waiting == 0 }
            }
        }
    }

    @Test func aCancelledCallEndsAtOnceAndKeepsTheOrder() async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in
                try await reached(client)
                redis.pause()
                let call = Task { await failure { try await client.get("a", within: .seconds(60)) } }
                call.cancel()
                #expect(await call.value == .cancelled)
                redis.resume()
                let echo = try await client.send(["echo", "me"], key: nil, within: .seconds(20), isRepeatable: true)
                #expect(echo.text == "me")
            }
        }
    }

    @Test func nobodyThereIsKnownAtOnce() async throws {
        let options = RedisOptions(.server(.host("127.0.0.1", port: try await FreeListener.port())))
        try await withStore(RedisClient(options)) { client in
            #expect(client.isReachable)
            let refused = await failure { try await client.get("a", within: .seconds(20)) }
            #expect(refused == .unreachable)
            let ping = await failure { try await client.ping(within: .seconds(20)) }
            #expect(ping == .unreachable)
        }
    }
}

/// Connected, however slow the machine is.
func reached(_ client: RedisClient) async throws {
    try await until("Redis is reached") { await failure { try await client.ping(within: .seconds(5)) } == nil }
}
