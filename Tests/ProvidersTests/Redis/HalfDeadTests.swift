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
@Suite(.timeLimit(.minutes(2)))
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
                var paid = 0
                let end = ContinuousClock.now + .seconds(3)
                while ContinuousClock.now < end {
                    let failure = await failure { try await client.set("a", to: [1], expiringAfter: .seconds(9)) }
                    #expect(failure != nil)
                    if failure == .unreachable { try await Task.sleep(for: .milliseconds(1)) } else { paid += 1 }
                }
                // Were the pause not longer each time, it would be paid about 30 times.
                #expect((1...10).contains(paid))
            }
        }
    }

    /// A blocked command holds up all that follow on its connection, while invalidations prove that the server is well.
    @Test func aServerWhoseAnswersAllComeTooLateIsLost() async throws {
        try await TestRedis.running { redis in
            let change: (inout RedisOptions) -> Void = {
                $0.maximumConnections = 1
                $0.commandTimeout = .milliseconds(400)
            }
            try await redis.client(change) { client in
                try await reached(client)
                _ = try await client.send(
                    ["client", "tracking", "on", "bcast"], key: nil, within: .seconds(5), isRepeatable: true)
                async let blocked = failure {
                    try await client.send(["blpop", "saas:l", 0], key: nil, within: .seconds(60), isRepeatable: false)
                }
                try await redis.client { other in
                    try await until("it waits") {
                        let list = try await other.send(["client", "list"], key: nil, within: nil, isRepeatable: true)
                        return list.text?.contains("cmd=blpop") == true
                    }
                    var late = 0
                    try await until("it counts as lost") {
                        async let failed = failure { try await client.get("a") }
                        for _ in 0..<50 {
                            try await other.set("noise", to: [1], expiringAfter: .seconds(9))
                            try await Task.sleep(for: .milliseconds(10))
                        }
                        late += await failed == .deadline(mayHaveRun: true) ? 1 : 0
                        return await failed == .connectionLost || client.figures.first?.1.losses == 1
                    }
                    #expect((5...10).contains(late))
                }
                #expect(await blocked == .connectionLost)
            }
        }
    }

    @Test func aBusyThreadOfOursIsNoFaultOfTheServers() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await TestRedis.running { redis in
            var options = RedisOptions(.server(redis.address))
            options.commandTimeout = .seconds(1)
            let loop = group.next()
            let client = try RedisClient(options, on: loop)
            try await reached(client)
            redis.pause()
            async let answer = client.get("a")
            try await until("it is sent") { client.figures.first?.1.waiting == 1 }
            // The loop is busy past the deadline; the answer arrives early in that time.
            async let busy: Void = loop.submit { _ = usleep(1_500_000) }.get()
            redis.resume()
            let value = try await answer
            #expect(value == nil)
            #expect(client.isReachable)
            try await busy
            await client.shutDown()
        }
        try await group.shutdownGracefully()
    }

    /// Whoever is told so goes on without the store, as when it is gone.
    @Test func aServerThatIsNotReadyIsUnreachableAndNoRefusal() async throws {
        try await TestRedis.running { master in
            try await master.client({ $0.commandTimeout = .milliseconds(50) }) { client in
                try await reached(client)
                try await master.client { other in
                    _ = try await other.send(
                        ["replicaof", "127.0.0.1", .text("\(master.port)")], key: nil, within: nil, isRepeatable: true)
                }
                let failure = await failure { try await client.set("a", to: [1], expiringAfter: .seconds(9)) }
                #expect(failure == .unreachable)
            }
        }
    }
}
