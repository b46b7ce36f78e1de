import Providers
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RedisURLTests {
    @Test func partsAreRead() throws {
        let whole = try #require(RedisURL("rediss://ann:se%40me%2F@redis.internal:7000/3"))
        #expect(whole.isSecure)
        #expect((whole.user, whole.password, whole.database) == ("ann", "se@me/", 3))
        #expect(whole.addresses == [.host("redis.internal", port: 7_000)])
        let bare = try #require(RedisURL("redis://localhost"))
        #expect((bare.isSecure, bare.user, bare.password, bare.database) == (false, nil, nil, nil))
        #expect(bare.addresses == [.host("localhost", port: 6_379)])
        let several = try #require(RedisURL("redis://:word@a:1,[::1]:2,c/"))
        #expect((several.user, several.password) == (nil, "word"))
        #expect(several.addresses == [.host("a", port: 1), .host("::1", port: 2), .host("c", port: 6_379)])
        let socket = try #require(RedisURL("unix:///run/redis.sock?db=2"))
        #expect((socket.addresses, socket.database) == ([.socket(path: "/run/redis.sock")], 2))
    }

    @Test(arguments: [
        "", "redis", "redis://", "http://a", "redis://a:0", "redis://a:65536", "redis://a:b", "redis://a/x",
        "redis://a/-1",
        "redis://a/1/2", "redis://a,/0", "redis://a b", "redis://%zz@a", "redis://x:%ff@a", "unix://run",
        "unix:///a?x=1",
        "redis://a?db=1",
    ])
    func whatIsNoneIsNotGuessed(text: String) {
        #expect(RedisURL(text) == nil)
    }
}
