import Codecs
import Testing

struct QueryStringTests {
    private func read(_ query: String) -> [String]? {
        QueryString.pairs(query)?.map { "\($0.name)|\($0.value)" }
    }

    @Test(arguments: [
        ("", []), ("a=1", ["a|1"]), ("a=1&b=2&a=3", ["a|1", "b|2", "a|3"]), ("a", ["a|"]), ("=1", ["|1"]),
        ("a==1", ["a|=1"]), ("&&a=1&", ["a|1"]), ("a=one+two%20three", ["a|one two three"]), ("%61=%2B", ["a|+"]),
        ("a=%C3%A9", ["a|é"]), ("a=%c3%a9", ["a|é"]), ("a=%00", ["a|\u{0}"]),
    ])
    func `pairs are read as forms write them`(_ query: String, _ pairs: [String]) {
        #expect(read(query) == pairs)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%4g", "a=%-1", "a=%C3", "a=%FF", "%=1", "a=%ED%A0%80"])
    func `what cannot be decoded is refused as a whole`(_ query: String) {
        #expect(read(query) == nil)
    }

    @Test func `pairs are bounded`() throws {
        let query = Array(repeating: "a=1", count: 1_000).joined(separator: "&")
        #expect(try #require(read(query)).count == QueryString.mostPairs)
    }
}
