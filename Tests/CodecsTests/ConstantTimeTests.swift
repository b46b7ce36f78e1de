import Testing

@testable import Codecs

@Suite("Comparison in constant time")
struct ConstantTimeTests {
    @Test("equal bytes are equal, whatever holds them")
    func equal() {
        #expect(ConstantTime.equal([1, 2, 3], [0, 1, 2, 3].dropFirst()))
        #expect(ConstantTime.equal("secret".utf8, Array("secret".utf8)))
        #expect(ConstantTime.equal([], []))
    }

    @Test("one bit anywhere makes the difference")
    func everyBit() {
        let secret = [UInt8](repeating: 0xA5, count: 32)
        for bit in 0..<256 {
            var other = secret
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!ConstantTime.equal(secret, other))
        }
    }

    @Test("a prefix is not the whole")
    func lengths() {
        #expect(!ConstantTime.equal([1, 2], [1, 2, 0]))
        #expect(!ConstantTime.equal([1], []))
    }
}
