import Testing

@testable import Codecs

@Suite("Hexadecimal text")
struct HexTests {
    @Test("every byte comes back, in lower case")
    func roundTrip() {
        let bytes = Array(UInt8.min...UInt8.max)
        let text = Hex.encode(bytes)
        #expect(text.hasPrefix("000102030405060708090a0b"))
        #expect(text == text.lowercased())
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decode(text.uppercased()) == bytes)
    }

    @Test("nothing is nothing")
    func empty() {
        #expect(Hex.encode([]) == "")
        #expect(Hex.decode("") == [])
    }

    @Test("takes slices")
    func slices() {
        #expect(Hex.encode([0, 0xAB, 0xCD][1...]) == "abcd")
        #expect(Hex.decode("xxabcd".dropFirst(2)) == [0xAB, 0xCD])
    }

    @Test(
        "refuses all but whole pairs of digits",
        arguments: [
            "a", "abc", "0g", "g0", " 00", "0x", "+1", "é", "00 0", "-1", "：0",
        ])
    func refuses(_ text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
