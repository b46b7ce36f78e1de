import Testing

@testable import Platform

@Suite struct CacheEnvelopeTests {
    private let envelope = CacheEnvelope(Secret("of the tests"))
    private let name = "cache:{person}:profile"

    @Test(arguments: [[], [0], Array("small".utf8), Array(repeating: 65, count: 100_000)] as [[UInt8]])
    func `what goes in comes out`(_ bytes: [UInt8]) {
        #expect(envelope.open(envelope.seal(bytes, as: name), as: name) == .value(bytes))
    }

    @Test func `large values are packed, small ones are not, and none is none`() {
        let small = Array(repeating: UInt8(65), count: 1_024)
        #expect(envelope.seal(Array(repeating: 65, count: 100_000), as: name).count < 1_000)
        #expect(envelope.seal(small, as: name).count == 1_024 + CacheEnvelope.headLength)
        #expect(envelope.open(envelope.seal(nil, as: name), as: name) == .absent)
    }

    @Test func `what was sealed under one name is nothing under another`() {
        for bytes in [nil, [], Array("hers".utf8), Array(repeating: 65, count: 100_000)] as [[UInt8]?] {
            let hers = envelope.seal(bytes, as: "cache:{ada}:profile")
            #expect(envelope.open(hers, as: "cache:{bob}:profile") == nil)
            #expect(envelope.open(hers, as: "cache:{ada}:organizations") == nil)
        }
    }

    @Test func `what somebody sealed with another secret is nothing`() {
        let stranger = CacheEnvelope(Secret("of somebody else"))
        #expect(envelope.open(stranger.seal(Array("poison".utf8), as: name), as: name) == nil)
        #expect(envelope.open(stranger.seal(nil, as: name), as: name) == nil)
    }

    @Test func `a bit that was changed anywhere makes it nothing`() {
        for bytes in [nil, Array("hers".utf8), Array(repeating: 65, count: 2_000)] as [[UInt8]?] {
            let sealed = envelope.seal(bytes, as: name)
            for place in sealed.indices {
                var changed = sealed
                changed[place] ^= 1
                #expect(envelope.open(changed, as: name) == nil, "byte \(place)")
            }
        }
    }

    @Test func `garbage, and what is cut off or longer, is nothing`() {
        let packed = envelope.seal(Array(repeating: 65, count: 100_000), as: name)
        #expect(envelope.open(Array(packed.dropLast(3)), as: name) == nil)
        #expect(envelope.open(packed + [0], as: name) == nil)
        for garbage in [[], [2], [2, 9], [2, 2], [2, 1, 31, 139], Array("HTTP/1.1 200 OK".utf8)] as [[UInt8]] {
            #expect(envelope.open(garbage, as: name) == nil)
        }
        #expect(envelope.open(Array(repeating: 2, count: 5_000), as: name) == nil)
    }

    @Test func `no more is unpacked than a value may hold, even of a node's own`() throws {
        let bomb = envelope.seal(Array(repeating: 0, count: CacheEnvelope.most + 1), as: name)
        #expect(bomb.count < 200_000)
        #expect(envelope.open(bomb, as: name) == nil)
        let packed = try #require(Gzip.compress(Array(repeating: 0, count: 64 << 20), level: 9))
        #expect(Gzip.expand(packed, most: CacheEnvelope.most) == nil)
    }
}
