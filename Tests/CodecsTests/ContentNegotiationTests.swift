import Codecs
import Testing

struct ContentNegotiationTests {
    @Test(arguments: [
        ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0.5, gzip;q=0.8", "gzip"), ("*", "br"),
        ("br;q=0, *", "gzip"),
        (" GZIP ; q=1.0 ", "gzip"), ("identity, *;q=0", nil), ("", nil), ("deflate", nil), ("gzip;q=0", nil),
        ("gzip;q=2", nil), ("gzip;q=-1", nil), ("gzip;q=nan", nil), ("gzip;q=0.0001", nil), ("gzip;level=9", nil),
        (";q=1", nil), (",,,", nil),
    ])
    func `the coding that the client likes best is taken`(_ header: String, _ coding: String?) {
        #expect(AcceptEncoding(header).best(of: ["br", "gzip"]) == coding)
    }

    @Test func `of an endless header nothing is believed`() {
        #expect(AcceptEncoding("br, " + String(repeating: "a,", count: 300)).best(of: ["br"]) == nil)
    }

    @Test(arguments: ["*", "\"a1\"", "W/\"a1\"", "\"x\", W/\"a1\"", "  \"x\"  ,\t\"a1\"  "])
    func `a tag that the client has is recognised`(_ header: String) {
        #expect(EntityTag("a1").isNamed(in: header))
    }

    @Test(arguments: ["", "a1", "\"a1", "\"A1\"", "\"a11\"", "\"x\" y, \"a1\"", "w/\"a1\"", "W/ \"a1\"", "**"])
    func `another tag and what is malformed match nothing`(_ header: String) {
        #expect(!EntityTag("a1").isNamed(in: header))
    }
}
