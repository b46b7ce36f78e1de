import Codecs
import Testing

@Suite struct SipHashTests {
    private static let key = SipHash.Digest(first: 0x0706_0504_0302_0100, second: 0x0f0e_0d0c_0b0a_0908)

    private static func hash(_ bytes: [UInt8]) -> SipHash.Digest {
        bytes.withUnsafeBytes { SipHash(key: key).finished(with: $0) }
    }

    /// As OpenSSL 3 computes them for the bytes 0, 1, 2, …
    @Test(arguments: [
        (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
        (7, "a1f1ebbed8dbc153c0b84aa61ff08239"), (8, "3b62a9ba6258f5610f83e264f31497b4"),
        (15, "5493e99933b0a8117e08ec0f97cfc3d9"), (16, "6ee2a4ca67b054bbfd3315bf85230577"),
        (31, "2939b0183223fafc1723de4f52c43d35"), (63, "5150d1772f50834a503e069a973fbd7c"),
    ]) func `the reference's hashes`(_ count: Int, _ hex: String) {
        #expect(Self.hash(Array(0..<UInt8(count))).hex == hex)
    }

    @Test func `words count as the bytes that they are made of`() {
        var hash = SipHash(key: Self.key)
        hash.add(0x0706_0504_0302_0100)
        hash.add(0x0f0e_0d0c_0b0a_0908)
        #expect(hash.finished() == Self.hash(Array(0..<16)))
    }

    @Test func `another key gives another hash`() {
        let other = SipHash(key: SipHash.Digest(first: 1, second: 2))
        #expect(other.finished() != SipHash(key: Self.key).finished())
    }
}
