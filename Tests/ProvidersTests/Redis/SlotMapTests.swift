import Codecs
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(10)))
struct SlotMapTests {
    private let asked = RedisAddress.host("10.0.0.9", port: 7_000)

    private func range(_ first: Int, _ last: Int, _ host: RESPValue, _ port: Int) -> RESPValue {
        .array([.integer(first), .integer(last), .array([host, .integer(port), .bulk([])])])
    }

    @Test func eachSlotHasItsMaster() throws {
        let answer = RESPValue.array([
            range(0, 99, .bulk(Array("a".utf8)), 1), range(200, 16_383, .null, 2), range(100, 100, .bulk([]), 3),
        ])
        var map = try #require(SlotMap(answer, asked: asked))
        #expect(map.master(of: 0) == .host("a", port: 1))
        #expect(map.master(of: 99) == .host("a", port: 1))
        #expect(map.master(of: 100) == .host("10.0.0.9", port: 3))
        #expect(map.master(of: 101) == nil)
        #expect(map.master(of: 16_383) == .host("10.0.0.9", port: 2))
        map.move(101, to: .host("b", port: 4))
        #expect(map.master(of: 101) == .host("b", port: 4))
        #expect(map.master(of: 102) == nil)
        #expect(map.master(of: 16_384) == nil)
    }

    @Test func whatIsNoMapIsNone() {
        let host = RESPValue.bulk(Array("a".utf8))
        let wrong: [RESPValue] = [
            .null, .array([]), .array([.integer(1)]), .array([range(-1, 5, host, 1)]),
            .array([range(0, 16_384, host, 1)]),
            .array([range(6, 5, host, 1)]), .array([range(0, 5, host, 0)]), .array([range(0, 5, .bulk([63]), 1)]),
            .array([.array([.integer(0), .integer(5)])]),
        ]
        for answer in wrong { #expect(SlotMap(answer, asked: asked) == nil) }
    }

    @Test func redirectsWithoutEndFillNothing() throws {
        var map = try #require(SlotMap(.array([range(0, 16_383, .bulk(Array("a".utf8)), 1)]), asked: asked))
        for port in 2...3_000 { map.move(5, to: .host("b", port: port)) }
        #expect(map.masters.count == SlotMap.mostMasters)
    }

    @Test func waitsDoubleAndAreSpread() {
        var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))
        let shortest = (0..<8).map { _ in backoff.next(random: 0) }
        #expect(shortest == [25, 50, 100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
        for _ in 0..<100 { #expect(backoff.next(random: 0.999) <= .seconds(2)) }
        backoff.reset()
        #expect(backoff.next(random: 0) == .milliseconds(25))
    }
}
