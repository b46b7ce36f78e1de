import Testing

@testable import Platform

@Suite struct CacheEnvelopeTests {
    @Test(arguments: [[], [0], Array("small".utf8), Array(repeating: 65, count: 100_000)] as [[UInt8]])
    func `what goes in comes out`(_ bytes: [UInt8]) {
        #expect(CacheEnvelope.open(CacheEnvelope.seal(bytes)) == .value(bytes))
    }

    @Test func `large values are packed, small ones are not, and none is none`() {
        #expect(CacheEnvelope.seal(Array(repeating: 65, count: 100_000)).count < 1_000)
        #expect(CacheEnvelope.seal(Array(repeating: 65, count: 1_024)).count == 1_026)
        #expect(CacheEnvelope.open(CacheEnvelope.seal(nil)) == .absent)
    }

    @Test func `garbage, another version and what is cut off are no value`() throws {
        var packed = CacheEnvelope.seal(Array(repeating: 65, count: 100_000))
        #expect(CacheEnvelope.open(Array(packed.dropLast(3))) == nil)
        #expect(CacheEnvelope.open(packed + [0]) == nil)
        packed[0] = 2
        #expect(CacheEnvelope.open(packed) == nil)
        for garbage in [[], [1], [1, 9], [1, 2, 0], [1, 1], [1, 1, 31, 139], Array("hello".utf8)] as [[UInt8]] {
            #expect(CacheEnvelope.open(garbage) == nil)
        }
    }

    @Test func `no more is unpacked than a value may hold`() throws {
        let bomb = try #require(Gzip.compress(Array(repeating: 0, count: CacheEnvelope.most + 1), level: 9))
        #expect(bomb.count < 100_000)
        #expect(CacheEnvelope.open([1, 1] + bomb) == nil)
    }
}
