import Codecs
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RedisSlotTests {
    /// From the cluster's specification, and from `cluster keyslot` of a redis-server 7.0.
    @Test(arguments: [
        ("123456789", 12_739), ("foo", 12_182), ("{user1000}.following", 3_443), ("{user1000}.followers", 3_443),
        ("foo{}{bar}", 8_363), ("foo{{bar}}zap", 4_015), ("foo{bar}{zap}", 5_061), ("", 0),
    ])
    func aKeyHasItsSlot(key: String, slot: Int) {
        #expect(RedisSlot.of(key.utf8) == slot)
    }

    @Test func aRedirectNamesAPlace() throws {
        let moved = try #require(RedisRedirect(RESPError("MOVED 3999 127.0.0.1:6381")))
        #expect((moved.slot, moved.host, moved.port, moved.isOnce) == (3_999, "127.0.0.1", 6_381, false))
        let ask = try #require(RedisRedirect(RESPError("ASK 16383 2001:db8::1:7000")))
        #expect((ask.host, ask.port, ask.isOnce) == ("2001:db8::1", 7_000, true))
        let same = try #require(RedisRedirect(RESPError("MOVED 0 :7000")))
        #expect(same.host == "")
        let none = [
            "MOVED", "MOVED 1", "MOVED 16384 a:1", "MOVED -1 a:1", "MOVED 1 a:0", "MOVED 1 a:65536", "MOVED 1 a",
            "ERR 1 a:1", "MOVED 1 a:1 b",
        ]
        for text in none { #expect(RedisRedirect(RESPError(text)) == nil, "\(text)") }
    }
}
