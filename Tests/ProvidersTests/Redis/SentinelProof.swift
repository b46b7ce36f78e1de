import Codecs
import Platform
import Providers
import TestKit
import Testing

/// A master, its replica and three Sentinels, of which the master goes.
@Suite(.enabled(if: isProving), .serialized, .timeLimit(.minutes(10)))
struct SentinelProof {
    enum End: CaseIterable, Sendable { case crashes, hangs }

    @Test(arguments: End.allCases)
    func whoeverBecomesMasterIsFoundAndWrittenTo(end: End) async throws {
        try await TestRedis.running { master in
            try await TestRedis.running(["replicaof 127.0.0.1 \(master.port)"]) { replica in
                try await Self.sentinels(of: master) { sentinels in
                    try await Self.prove(end, master, replica, sentinels)
                }
            }
        }
    }

    private static func prove(_ end: End, _ master: TestRedis, _ replica: TestRedis, _ sentinels: [TestRedis])
        async throws
    {
        try await until("the Sentinels know the replica and each other", limit: .seconds(60)) {
            sentinels.allSatisfy { $0.log.contains("+slave") && $0.log.count("+sentinel ") >= 2 }
        }
        var options = RedisOptions(.sentinels(sentinels.map(\.address), name: "mymaster"))
        options.commandTimeout = .milliseconds(500)
        try await withStore(RedisClient(options)) { client in
            try await reached(client)
            let (events, feed) = AsyncStream<SharedEvent>.makeStream()
            let subscription = client.subscribe(to: "news") { feed.yield($0) }
            var heard = events.makeAsyncIterator()
            #expect(await heard.next() == .subscribed)
            try await client.set("a", to: [1], expiringAfter: .seconds(600), within: .seconds(5))
            #expect(try await Self.role(of: client) == master.port)

            switch end {
            case .crashes: try await master.crash()
            case .hangs: master.pause()
            }
            let begun = ContinuousClock.now
            try await until("another is written to", limit: .seconds(60)) {
                await failure { try await client.set("b", to: [2], expiringAfter: .seconds(600)) } == nil
            }
            print("sentinel, the master \(end): writes again after \(ContinuousClock.now - begun)")
            #expect(try await Self.role(of: client) == replica.port)
            #expect(await heard.next() == .lost)
            #expect(await heard.next() == .subscribed)
            try await client.publish([7], to: "news")
            #expect(await heard.next() == .message([7]))
            subscription.cancel()
        }
    }

    /// The port of the server that answers.
    private static func role(of client: RedisClient) async throws -> Int? {
        let answer = try await client.send(
            ["config", "get", "port"], key: nil, within: .seconds(5), isRepeatable: true)
        return answer["port"]?.integer
    }

    private static func sentinels(
        of master: TestRedis, _ body: ([TestRedis]) async throws -> Void
    ) async throws {
        var sentinels: [TestRedis] = []
        defer { for sentinel in sentinels { sentinel.remove() } }
        for _ in 0..<3 {
            let lines = [
                "sentinel monitor mymaster 127.0.0.1 \(master.port) 2",
                "sentinel down-after-milliseconds mymaster 1000",
                "sentinel failover-timeout mymaster 5000",
            ]
            sentinels.append(try await TestRedis.start(lines, arguments: ["--sentinel"]))
        }
        try await body(sentinels)
    }
}

extension String {
    fileprivate func count(_ mark: String) -> Int { split(separator: mark, omittingEmptySubsequences: false).count - 1 }
}
