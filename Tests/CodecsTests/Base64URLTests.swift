import Testing

@testable import Codecs

@Suite("base64url")
struct Base64URLTests {
    @Test(
        "the vectors of RFC 4648, without their padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(_ plain: String, _ encoded: String) {
        #expect(Base64URL.encode(plain.utf8) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test("the two characters that differ from base64")
    func alphabet() {
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64URL.decode("--__") == [0xFB, 0xEF, 0xFF])
    }

    @Test("bytes of every length come back")
    func roundTrip() {
        for count in 0...100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    @Test(
        "refuses padding, white space, foreign characters and impossible lengths",
        arguments: [
            "Zg==", "Zm8=", "=", "Zm9v\n", " Zm9v", "Zm 9v", "+/+/", "Zm9vY", "A", "Zm9é", "Zg.", "Zm9v\u{0}Yg",
        ])
    func refuses(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("refuses a second spelling of the same bytes", arguments: ["Zh", "Zv", "Zm9", "Zm_"])
    func nonCanonical(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
