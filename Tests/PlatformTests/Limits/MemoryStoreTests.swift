import Codecs
import Testing

@testable import Platform

@Suite struct MemoryStoreTests {
    private static let keys = LimitKeys(Secret("a secret of the tests"), isShared: false)
    private static let start = 1_800_000_000_000

    private static func rule(_ name: String, _ most: Int, seconds: Int, block: Int? = nil) -> LimitRule {
        LimitRule(
            Limit(name, most, per: .seconds(seconds), block: block.map { .seconds($0) }), most: most,
            closesWithoutStore: false)
    }

    private static func demand(_ rule: LimitRule, _ address: String, cost: Int = 1) -> LimitDemand {
        keys.party(.address(address)).demand(rule, cost: cost)
    }

    @Test func `fifty clients at once get what the limit lets in, and not one more`() async {
        let store = MemoryStore()
        let rule = Self.rule("global", 1_000, seconds: 3_600)
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    (0..<200).count { _ in
                        store.take([Self.demand(rule, "192.0.2.1")], share: 1, now: Self.start).isAdmitted
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 1_000)
    }

    @Test func `when one refuses, none of the others counts`() {
        let store = MemoryStore()
        let (wide, narrow) = (Self.rule("wide", 100, seconds: 60), Self.rule("narrow", 2, seconds: 60))
        let demands = [Self.demand(wide, "192.0.2.1"), Self.demand(narrow, "192.0.2.1")]
        for _ in 0..<2 { #expect(store.take(demands, share: 1, now: Self.start).isAdmitted) }
        for _ in 0..<50 { #expect(!store.take(demands, share: 1, now: Self.start).isAdmitted) }
        let left = store.take([Self.demand(wide, "192.0.2.1")], share: 1, now: Self.start).shown?.standing.remaining
        #expect(left == 97)
    }

    @Test func `of several limits the one that lets in the fewest more is shown`() {
        let store = MemoryStore()
        let rules = [
            Self.rule("a", 10, seconds: 60), Self.rule("b", 3, seconds: 3_600), Self.rule("c", 5, seconds: 60),
        ]
        let verdict = store.take(rules.map { Self.demand($0, "192.0.2.1") }, share: 1, now: Self.start)
        #expect(verdict.shown?.demand.rule.name == "b")
        #expect(verdict.shown?.standing.remaining == 2)
    }

    @Test func `a node without the others lets in its share`() {
        let store = MemoryStore()
        let rule = Self.rule("global", 1_000, seconds: 3_600)
        let admitted = (0..<2_000).count { _ in
            store.take([Self.demand(rule, "192.0.2.1")], share: 3, now: Self.start).isAdmitted
        }
        #expect(admitted == 334)
    }

    @Test func `a million addresses keep within 200 MB, and are swept`() {
        let store = MemoryStore()
        let rules = [Self.rule("global", 1_000, seconds: 3_600), Self.rule("per-minute", 1_000, seconds: 60)]
        for number in 0..<1_000_000 {
            let address = "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"
            _ = store.take(rules.map { Self.demand($0, address) }, share: 1, now: Self.start)
        }
        let full = store.figures(now: Self.start)
        #expect(full.windows <= MemoryStore.usualLimit)
        #expect(full.bytes < 80_000_000, "\(full.bytes) bytes")
        store.sweep(now: Self.start + 121_000)
        #expect(store.figures(now: Self.start + 121_000).windows == 1_000_000, "only windows of a minute had to go")
        store.sweep(now: Self.start + 7_201_000)
        let swept = store.figures(now: Self.start + 7_201_000)
        #expect(swept.windows == 0)
        #expect(swept.bytes < 1_000_000, "\(swept.bytes) bytes")
    }

    @Test func `a flood of addresses pushes out the oldest, but no live block`() {
        let store = MemoryStore(limit: 6_400)
        let blocking = Self.rule("login", 1, seconds: 60, block: 900)
        let blocked = (0..<500).map { Self.demand(blocking, "198.51.100.\($0)") }
        for demand in blocked {
            #expect(store.take([demand], share: 1, now: Self.start).isAdmitted)
            #expect(!store.take([demand], share: 1, now: Self.start).isAdmitted)
        }
        let global = Self.rule("global", 1_000, seconds: 3_600)
        for number in 0..<200_000 {
            _ = store.take([Self.demand(global, "flood \(number)")], share: 1, now: Self.start + number)
        }
        let figures = store.figures(now: Self.start + 200_000)
        #expect(figures.windows < 6_400 * 5 / 4)
        #expect(figures.bytes < 1_000_000)
        #expect(figures.blocks == 500)
        for demand in blocked { #expect(!store.take([demand], share: 1, now: Self.start + 200_000).isAdmitted) }
    }

    @Test func `keys tell nothing apart that is one household, and everything that is not`() {
        let rule = Self.rule("global", 1, seconds: 60)
        func key(_ subject: LimitSubject) -> SipHash.Digest { Self.keys.party(subject).key(rule) }
        #expect(key(.address("2001:db8:1:2::1")) == key(.address("2001:db8:1:2:ffff::9")))
        #expect(key(.address("2001:db8:1:2::1")) != key(.address("2001:db8:1:3::1")))
        #expect(key(.address("::ffff:192.0.2.1")) == key(.address("192.0.2.1")))
        #expect(key(.address("192.0.2.1")) != key(.address("192.0.2.2")))
        #expect(key(.account("a@b.c1", at: "92.0.2.1")) != key(.account("a@b.c", at: "192.0.2.1")))
        let id = ID<Person>()
        #expect(key(.person(id)) != key(.organization(ID(id.uuid))))
        #expect(LimitKeys(Secret("another"), isShared: false).party(.person(id)).key(rule) != key(.person(id)))
        #expect(key(.person(id)) != Self.keys.party(.person(id)).key(Self.rule("other", 1, seconds: 60)))
    }
}
