import Codecs
import Providers
import TestKit
import Testing

@testable import Platform

/// The algorithm in Lua, held against the one in Swift: in a real Redis, by the clock of the test.
@Suite(.timeLimit(.minutes(10))) struct LimitScriptTests {
    private static let keys = LimitKeys(Secret("a secret of the tests"), isShared: true)
    /// The beginning of a stretch of an hour.
    private static let start = 1_800_000_000_000

    private static func demand(
        _ most: Int, seconds: Int, block: Int? = nil, _ counting: Limit.Counting = .all, cost: Int = 1
    ) -> LimitDemand {
        let limit = Limit("test", most, per: .seconds(seconds), block: block.map { .seconds($0) }, counting: counting)
        let rule = LimitRule(limit, most: most, closesWithoutStore: false)
        return keys.party(.address("203.0.113.\(most % 256)")).demand(rule, cost: cost)
    }

    private static func sharing(_ body: (SharedWindows) async throws -> Void) async throws {
        try await TestRedis.running { redis in
            try await redis.client { client in try await body(SharedWindows(client)) }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `whatever is asked, and whenever, both say the same`(seed: UInt64) async throws {
        try await Self.sharing { shared in
            var random = Chance(seed)
            let demands = [
                Self.demand(7, seconds: 60), Self.demand(100, seconds: 3_600, cost: 7),
                Self.demand(3, seconds: 60, block: 300),
                Self.demand(5, seconds: 60, block: 900, .failures), Self.demand(4, seconds: 60, .successes),
            ]
            for demand in demands {
                var window = SlidingWindow()
                var underWay = 0
                var now = Self.start + .random(in: 0..<3_600_000, using: &random)
                for step in 0..<400 {
                    now += [0, 1, 977, 7_013, 59_999, 400_000][.random(in: 0..<6, using: &random)]
                    if underWay > 0, Bool.random(using: &random) {
                        let status = Bool.random(using: &random) ? 200 : 401
                        let begun = window.settle(
                            demand.cost, most: demand.most, demand.rule, counts: demand.rule.counts(status: status),
                            now: now)
                        let told = try await shared.settle([demand], status: status, reset: 0, time: now)
                        #expect(told.count == (begun ? 1 : 0), "step \(step) of \(demand.rule.policy)")
                        underWay -= 1
                        continue
                    }
                    // What never ended is forgotten after two minutes in Redis alone.
                    if now % 3 == 0, underWay > 0 { continue }
                    let mine = window.take(demand.cost, most: demand.most, demand.rule, now: now)
                    let theirs = try await shared.take([demand], reset: 0, time: now).verdict.shown?.standing
                    #expect(mine == theirs, "step \(step) of \(demand.rule.policy) at \(now)")
                    if mine.isAdmitted, demand.rule.awaitsOutcome {
                        _ = window.settle(demand.cost, most: demand.most, demand.rule, counts: true, now: now)
                        _ = try await shared.settle(
                            [demand], status: demand.rule.counting == .failures ? 401 : 200, reset: 0, time: now)
                    }
                }
            }
        }
    }

    @Test func `what was let in ahead is counted beyond the limit too, and so is paid back`() async throws {
        try await Self.sharing { shared in
            let demand = Self.demand(1_000, seconds: 3_600)
            let told = try await shared.count([.init(demand: demand, cost: 1_004)], reset: 0, time: Self.start)
            #expect(told.map(\.current) == [1_004])
            #expect(told.map(\.time) == [Self.start])
            let refused = try await shared.take([demand], reset: 0, time: Self.start + 1)
            #expect(!refused.verdict.isAdmitted)
            #expect(refused.counts.map(\.isRefusal) == [true])
            // The first is let in when five have slid out of the window.
            let later = Self.start + 3_600_000 + 3_600_000 * 5 / 1_004
            let early = try await shared.take([demand], reset: 0, time: later - 10)
            #expect(!early.verdict.isAdmitted)
            let late = try await shared.take([demand], reset: 0, time: later + 10)
            #expect(late.verdict.isAdmitted)
            #expect(late.counts.map(\.previous) == [1_004])
        }
    }

    /// Two nodes that tell the store when they like, and whoever asks chooses where: the worst of both.
    @Test(arguments: [UInt64(1), 2, 3])
    func `however late the nodes tell, all let in one limit within a hundredth`(seed: UInt64) async throws {
        try await Self.sharing { shared in
            var random = Chance(seed)
            let demand = Self.demand(1_000, seconds: 60)
            let spell = SharedSpell(nodes: 2)
            let nodes = [MemoryStore(limit: 64), MemoryStore(limit: 64)]
            var unheard = [0, 0]
            var admissions: [Int] = []
            var ahead = 0
            func tell(_ node: Int, _ now: Int) async throws {
                let cost = unheard[node]
                guard cost > 0 else { return }
                unheard[node] = 0
                for count in try await shared.count([.init(demand: demand, cost: cost)], reset: 0, time: now) {
                    nodes[node].learn(count, heard: cost, spell)
                }
            }
            var now = Self.start
            while now < Self.start + 180_000 {
                now += .random(in: 0...40, using: &random)
                // Each has its quiet times, in which it learns nothing.
                let node = now / 7_000 % 3 == 0 ? 0 : now / 7_000 % 3 == 1 ? 1 : Int.random(in: 0...1, using: &random)
                if let verdict = nodes[node].takeAhead([demand], spell, now: now) {
                    if verdict.isAdmitted {
                        admissions.append(now)
                        unheard[node] += 1
                        ahead += 1
                    }
                } else {
                    let taken = try await shared.take([demand], reset: 0, time: now)
                    for count in taken.counts { nodes[node].learn(count, spell) }
                    if taken.verdict.isAdmitted { admissions.append(now) }
                }
                #expect(unheard[node] <= 5)
                if Int.random(in: 0..<30, using: &random) == 0 { try await tell(node, now) }
            }
            #expect(ahead > 100, "\(ahead) of \(admissions.count) need not ask")
            for begin in stride(from: Self.start, to: Self.start + 120_000, by: 1_000) {
                let count = admissions.count { (begin..<begin + 60_000).contains($0) }
                // An uneven flood through two buckets is itself within some hundredths; see SlidingWindowTests.
                #expect(count <= 1_000 + 10 + 40, "\(count) from \(begin)")
            }
            let first = admissions.count { $0 < Self.start + 60_000 }
            #expect((1_000...1_010).contains(first), "\(first) in the first stretch")
        }
    }

    @Test func `the store's refusal is known for a moment, and its events come once`() async throws {
        try await Self.sharing { shared in
            let demand = Self.demand(1_000, seconds: 3_600)
            let spell = SharedSpell(nodes: 2)
            let node = MemoryStore(limit: 64)
            _ = try await shared.count([.init(demand: demand, cost: 1_000)], reset: 0, time: Self.start)
            // Nothing is known yet: as many as a node may let in ahead, and no more.
            for _ in 0..<5 { #expect(node.takeAhead([demand], spell, now: Self.start)?.isAdmitted == true) }
            #expect(node.takeAhead([demand], spell, now: Self.start) == nil)
            let refused = try await shared.take([demand], reset: 0, time: Self.start)
            #expect(refused.verdict.shown?.standing.isNews == true)
            for count in refused.counts { node.learn(count, spell) }
            let known = try #require(node.takeAhead([demand], spell, now: Self.start + 900)?.shown)
            #expect(!known.standing.isAdmitted && !known.standing.isNews)
            let truth = try await shared.take([demand], reset: 0, time: Self.start + 900).verdict.shown
            #expect(known.standing == truth?.standing)
            #expect(node.refused([demand], spell, now: Self.start + 900) != nil)
            // Then the store is asked again: it may have been reset.
            #expect(node.takeAhead([demand], spell, now: Self.start + 2_000) == nil)
            #expect(node.refused([demand], spell, now: Self.start + 2_000) == nil)
            // Another spell knows nothing of this one, and alone a node counts from the beginning.
            #expect(node.refused([demand], SharedSpell(number: 2, nodes: 2), now: Self.start + 900) == nil)
            #expect(node.take([demand], share: 2, now: Self.start + 900).shown?.standing.remaining == 499)
        }
    }

    @Test func `what has a block, an outcome or a low limit never goes ahead`() {
        let spell = SharedSpell(nodes: 2)
        for demand in [
            Self.demand(10_000, seconds: 60, block: 60), Self.demand(10_000, seconds: 60, .failures),
            Self.demand(199, seconds: 60), Self.demand(1_000, seconds: 60, cost: 6),
        ] { #expect(!spell.mayGoAhead(demand)) }
        #expect(spell.mayGoAhead(Self.demand(200, seconds: 60)))
        #expect(spell.mayGoAhead(Self.demand(1_000, seconds: 60, cost: 5)))
    }
}

/// The same chances each time (splitmix64).
private struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
