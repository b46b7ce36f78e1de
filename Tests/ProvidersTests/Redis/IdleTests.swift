import Codecs
import Platform
import Providers
import TestKit
import Testing

/// Connections that nobody uses.
@Suite(.timeLimit(.minutes(10)))
struct IdleTests {
    @Test func whatNobodyUsesIsClosedButOneIsKept() async throws {
        try await TestRedis.running { redis in
            let change: (inout RedisOptions) -> Void = {
                $0.pipelineDepth = 2
                $0.idleTimeout = .milliseconds(200)
            }
            try await redis.client(change) { client in
                try await Self.spread(client, redis)
                try await until("one is left") { client.figures.first?.1.connections == 1 }
                let made = client.figures.first?.1.connectionsMade
                try await client.set("a", to: [1], expiringAfter: .seconds(9))
                #expect(client.figures.first?.1.connectionsMade == made, "the one that is kept will do")
                #expect(client.figures.first?.1.connectionsLost == 0)
                #expect(client.isReachable)
            }
        }
    }

    @Test func withoutKeepAliveNoneIsLeftAndTheNextCommandConnects() async throws {
        try await TestRedis.running { redis in
            let change: (inout RedisOptions) -> Void = {
                $0.keepsAlive = false
                $0.idleTimeout = .milliseconds(200)
            }
            try await redis.client(change) { client in
                try await client.set("a", to: [1], expiringAfter: .seconds(60))
                try await until("none is left") { client.figures.first?.1.connections == 0 }
                let value = try await client.get("a")
                #expect(value == [1])
                #expect(client.isReachable)
                #expect(client.figures.first?.1.losses == 0)
            }
        }
    }

    /// Nobody asks: the client itself notices, or the first request after a quiet night would pay.
    @Test func aServerThatHangsWhileNobodyAsksIsNoticed() async throws {
        try await TestRedis.running { redis in
            try await redis.client({
                $0.keepAliveInterval = .milliseconds(50); $0.commandTimeout = .milliseconds(250)
            }) {
                client in
                try await reached(client)
                redis.pause()
                try await until("it counts as lost") { !client.isReachable }
                redis.resume()
                try await until("it is back") { client.isReachable }
            }
        }
    }

    @Test func aQuietConnectionIsAskedForAnAnswer() async throws {
        try await TestRedis.running { redis in
            try await redis.client({ $0.keepAliveInterval = .milliseconds(50) }) { client in
                try await reached(client)
                let commands = client.figures.first?.1.commands ?? 0
                try await until("it was asked five times") { (client.figures.first?.1.commands ?? 0) >= commands + 5 }
                #expect(client.figures.first?.1.connectionsMade == 1)
                #expect(client.figures.first?.1.timeouts == 0)
            }
        }
    }

    /// As many commands at once as make more connections than one.
    private static func spread(_ client: RedisClient, _ redis: TestRedis) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    _ = try await client.send(
                        ["blpop", .text("saas:l\(number % 2)"), 0], key: nil, within: .seconds(60), isRepeatable: false)
                }
            }
            // Not how many there are: on a busy machine the second may have gone before anybody looks.
            try await until("there were several") { client.figures.first?.1.connectionsMade ?? 0 >= 2 }
            try await redis.client { other in
                try await until("all are answered") {
                    for list in ["saas:l0", "saas:l1"] {
                        _ = try await other.send(
                            ["rpush", .text(list), "x"], key: nil, within: nil, isRepeatable: false)
                    }
                    return client.figures.first?.1.waiting == 0
                }
            }
            try await group.waitForAll()
        }
    }
}
