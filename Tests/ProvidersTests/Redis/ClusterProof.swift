import Codecs
import Foundation
import Platform
import Providers
import TestKit
import Testing

/// Whether the proofs run that start several servers: Tests/Proofs/redis sets it.
let isProving = ProcessInfo.processInfo.environment["LEAN_PROVE_REDIS"] == "1"

/// Three masters, a slot that goes from one to another while it is used, and a master that dies.
@Suite(.enabled(if: isProving), .serialized, .timeLimit(.minutes(10)))
struct ClusterProof {
    private static let count = SharedScript("return redis.call('incr', KEYS[1])")

    @Test func keysAreAskedForWhereTheyLive() async throws {
        try await TestRedisCluster.running { cluster in
            try await cluster.client { client in
                for number in 0..<300 {
                    try await client.set("k\(number)", to: [UInt8(number % 256)], expiringAfter: .seconds(600))
                }
                for number in 0..<300 {
                    let value = try await client.get("k\(number)")
                    #expect(value == [UInt8(number % 256)])
                }
                let used = client.figures.filter { $0.1.commands > 50 }
                #expect(used.count == 3, "each master has its share")
                let deleted = try await client.delete((0..<400).map { "k\($0)" })
                #expect(deleted == 300)
                let apart = await failure { try await client.evaluate(Self.count, keys: ["a", "b"]) }
                guard case .refused(let error) = apart else { return #expect(apart == nil, "refused") }
                #expect(error.code == "CROSSSLOT" || error.code == "ERR")
            }
        }
    }

    @Test func aSlotMigratesUnderTheHandsOfThoseWhoCount() async throws {
        try await TestRedisCluster.running { cluster in
            try await cluster.client { client in
                let slot = RedisSlot.of("saas:{m}".utf8)
                let source = cluster.owner(of: slot)
                let target = (source + 1) % 3
                let keys = (0..<20).map { "{m}\($0)" }
                for key in keys { _ = try await client.evaluate(Self.count, keys: [key]) }
                let counted = Counting()
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for key in keys {
                        tasks.addTask {
                            for _ in 0..<1_000_000 {
                                guard await counted.isOn else { return }
                                _ = try await client.evaluate(Self.count, keys: [key])
                                await counted.count(key)
                            }
                        }
                    }
                    try await until("all count") { await counted.least(of: keys) >= 5 }
                    try await cluster.beginMigration(of: slot, from: source, to: target)
                    try await cluster.move(keys[..<10].map { "saas:" + $0 }, from: source, to: target)
                    let before = await counted.least(of: keys)
                    try await until("all count between") { await counted.least(of: keys) >= before + 5 }
                    // A key that is nowhere yet is made where the slot goes: ASK, by necessity.
                    try await client.set("{m}new", to: [1], expiringAfter: .seconds(600))
                    let made = try await cluster.say(["exists", "saas:{m}new"], to: source)
                    guard case .error(let error) = made else { throw NotMigrating(answer: made) }
                    #expect(error.code == "ASK")
                    try await cluster.move(keys[10...].map { "saas:" + $0 } + ["saas:{m}new"], from: source, to: target)
                    try await cluster.endMigration(of: slot, to: target)
                    let after = await counted.least(of: keys)
                    try await until("all count there") { await counted.least(of: keys) >= after + 5 }
                    await counted.stop()
                    try await tasks.waitForAll()
                }
                for key in keys {
                    let value = try await client.get(key)
                    let total = await counted.of(key) + 1
                    #expect(
                        value.map { String(decoding: $0, as: UTF8.self) } == "\(total)", "\(key): none lost, none twice"
                    )
                }
            }
        }
    }

    @Test func aMasterThatDiesTakesItsKeysAndNoOthers() async throws {
        try await TestRedisCluster.running { cluster in
            try await cluster.client({ $0.commandTimeout = .milliseconds(500) }) { client in
                let keys = (0..<60).map { "k\($0)" }
                for key in keys {
                    try await client.set(key, to: [1], expiringAfter: .seconds(600), within: .seconds(5))
                }
                try await cluster.nodes[0].crash()
                try await until("its loss is known") { client.figures.contains { !$0.1.isReachable } }
                #expect(client.isReachable)
                var (answered, refused) = (0, 0)
                for key in keys {
                    switch await failure({ try await client.get(key, within: .seconds(5)) }) {
                    case nil: answered += 1
                    default: refused += 1
                    }
                }
                #expect(answered > 20 && refused > 5)
                try await cluster.nodes[0].launch()
                try await until("all are answered for") {
                    for key in keys where await failure({ try await client.get(key, within: .seconds(5)) }) != nil {
                        return false
                    }
                    return true
                }
            }
        }
    }

    enum End: CaseIterable, Sendable { case crashes, hangs }

    @Test(arguments: End.allCases)
    func aReplicaTakesThePlaceOfItsMasterWithAllThatItHad(end: End) async throws {
        try await TestRedisCluster.running { cluster in
            try await cluster.replica(of: 0) { replica in
                try await cluster.client({ $0.commandTimeout = .milliseconds(500) }) { client in
                    let keys = (0..<60).map { "k\($0)" }
                    for key in keys {
                        try await client.set(key, to: [1], expiringAfter: .seconds(600), within: .seconds(5))
                    }
                    try await until("the replica has them") {
                        let role = try await cluster.say(["wait", 1, 1_000], to: 0)
                        return role.integer == 1
                    }
                    let begun = ContinuousClock.now
                    switch end {
                    case .crashes: try await cluster.nodes[0].crash()
                    case .hangs: cluster.nodes[0].pause()
                    }
                    try await until("all are answered for again", limit: .seconds(60)) {
                        for key in keys where await failure({ try await client.get(key) }) != nil { return false }
                        return true
                    }
                    print("cluster, a master \(end): all its keys answered again after \(ContinuousClock.now - begun)")
                    for key in keys {
                        let value = try await client.get(key, within: .seconds(5))
                        #expect(value == [1], "\(key) was lost")
                        try await client.set(key, to: [2], expiringAfter: .seconds(600), within: .seconds(5))
                    }
                    #expect(client.figures.contains { $0.server == replica.address.description && $0.1.commands > 5 })
                    #expect(client.isReachable)
                }
            }
        }
    }

    @Test func aChannelReachesAllNodes() async throws {
        try await TestRedisCluster.running { cluster in
            try await cluster.client { client in
                let (events, feed) = AsyncStream<SharedEvent>.makeStream()
                let subscription = client.subscribe(to: "news") { feed.yield($0) }
                var heard = events.makeAsyncIterator()
                #expect(await heard.next() == .subscribed)
                for node in 0..<3 {
                    _ = try await cluster.say(["publish", "saas:news", .integer(node)], to: node)
                    #expect(await heard.next() == .message(Array("\(node)".utf8)))
                }
                subscription.cancel()
            }
        }
    }
}

private actor Counting {
    private(set) var isOn = true
    private var counts: [String: Int] = [:]

    func count(_ key: String) { counts[key, default: 0] += 1 }
    func of(_ key: String) -> Int { counts[key] ?? 0 }
    func least(of keys: [String]) -> Int { keys.map { counts[$0] ?? 0 }.min() ?? 0 }
    func stop() { isOn = false }
}

private struct NotMigrating: Error {
    let answer: RESPValue
}
