import NIOCore
import NIOPosix
import Platform
import Providers
import TestKit
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Servers that are neither well nor gone, and a thread of ours that is busy while a server is well.
@Suite(.timeLimit(.minutes(10)))
struct HalfDeadTests {
    /// CLIENT PAUSE … WRITE: whoever comes is greeted, and no write is answered.
    @Test func aServerThatGreetsWellAndThenHangsCostsEverFewerDeadlines() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.commandTimeout = .milliseconds(50) }) { client in
                try await reached(client)
                try await redis.client { other in
                    _ = try await other.send(
                        ["client", "pause", 60_000, "write"], key: nil, within: nil, isRepeatable: true)
                }
                var losses: [ContinuousClock.Instant] = []
                try await until("it is lost six times") {
                    let failure = await failure { try await client.set("a", to: [1], expiringAfter: .seconds(9)) }
                    #expect(failure != nil)
                    if client.figures.first?.1.losses ?? 0 > losses.count { losses.append(.now) }
                    return losses.count >= 6
                }
                // The five pauses between are at least 25, 50, 100, 200 and 400 ms. Were each not longer than the one
                // before, they and what is paid would be half of that.
                #expect(losses[5] - losses[0] >= .milliseconds(775))
            }
        }
    }

    /// A blocked command holds up all that follow on its connection, while the server itself is well.
    @Test func aServerWhoseAnswersAllComeTooLateIsLost() async throws {
        try await TestRedis.running { redis in
            let change: (inout RedisOptions) -> Void = {
                $0.maximumConnections = 1
                // So long may it be silent. What is asked has deadlines of its own.
                $0.commandTimeout = .seconds(60)
                // Nobody comes back in time to hide the cause.
                $0.backoff = Backoff(first: .seconds(300), longest: .seconds(300))
            }
            try await redis.client(change) { client in
                try await reached(client)
                async let blocked = failure {
                    try await client.send(["blpop", "saas:l", 0], key: nil, within: .seconds(60), isRepeatable: false)
                }
                try await redis.waits(forCommand: "blpop")
                var late = 0
                try await until("it counts as lost") {
                    let failed = await failure { try await client.get("a", within: .milliseconds(20)) }
                    // Of the others, which were late before they were sent, the server knows nothing.
                    if failed == .deadline(mayHaveRun: true) { late += 1 }
                    return failed == .unreachable
                }
                #expect(late == 10)
                #expect(client.figures.first?.1.fault == .slow)
                #expect(client.figures.first?.1.losses == 1)
                #expect(await blocked == .connectionLost)
            }
        }
    }

    @Test func aBusyThreadOfOursIsNoFaultOfTheServers() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await TestRedis.running { redis in
            let loop = group.next()
            let client = try RedisClient(RedisOptions(.server(redis.address)), on: loop)
            try await reached(client)
            let deadline = ContinuousClock.now + .seconds(15)
            async let answer = client.send(
                ["blpop", "saas:l", 0], key: nil, within: deadline - .now, isRepeatable: false)
            try await redis.waits(forCommand: "blpop")
            // The answer arrives in time, at a loop that is busy until the deadline has passed.
            let (begun, begin) = AsyncStream<Void>.makeStream()
            async let busy: Void = loop.submit {
                begin.finish()
                while ContinuousClock.now < deadline + .milliseconds(100) { _ = usleep(10_000) }
            }.get()
            for await _ in begun {}
            try await redis.client { other in
                _ = try await other.send(["rpush", "saas:l", "x"], key: nil, within: nil, isRepeatable: false)
            }
            let list = try await answer
            #expect(list.elements?.last?.text == "x")
            #expect(client.isReachable)
            try await busy
            await client.shutDown()
        }
        try await group.shutdownGracefully()
    }

    /// Whoever is told so goes on without the store, as when it is gone: whether there is time for more attempts or not.
    @Test(arguments: [Duration.milliseconds(1), .seconds(600)])
    func aServerThatIsNotReadyIsUnreachableAndNoRefusal(retryDelay: Duration) async throws {
        try await TestRedis.running { master in
            try await master.client({ $0.retryDelay = retryDelay }) { client in
                try await reached(client)
                try await master.client { other in
                    _ = try await other.send(
                        ["replicaof", "127.0.0.1", .text("\(master.port)")], key: nil, within: nil, isRepeatable: true)
                }
                let failure = await failure {
                    try await client.set("a", to: [1], expiringAfter: .seconds(9), within: .seconds(60))
                }
                #expect(failure == .unreachable)
            }
        }
    }
}

extension TestRedis {
    /// Until a client of its waits for what the command has not brought yet.
    fileprivate func waits(forCommand name: String) async throws {
        try await client { other in
            try await until("\(name) waits") {
                let list = try await other.send(["client", "list"], key: nil, within: nil, isRepeatable: true)
                return list.text?.contains("cmd=\(name)") == true
            }
        }
    }
}
