/// SipHash-2-4 with 128 bits out: a short keyed hash. Who lacks the key can neither predict a hash, nor find two inputs
/// with the same one, nor learn the input from it.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), with the 128-bit output of its reference code.
public struct SipHash: Sendable {
    /// 128 bits.
    public struct Digest: Hashable, Sendable {
        public let first: UInt64
        public let second: UInt64

        public init(first: UInt64, second: UInt64) {
            self.first = first
            self.second = second
        }

        /// Nil unless `hex` is 32 digits.
        public init?(hex: String) {
            guard let bytes = Hex.decode(hex), bytes.count == 16 else { return nil }
            func word(_ start: Int) -> UInt64 {
                (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) }
            }
            self.init(first: word(0), second: word(8))
        }

        /// 32 digits of hex, in the order of the reference code's bytes.
        public var hex: String {
            String(unsafeUninitializedCapacity: 32) { text in
                for index in 0..<16 {
                    let word = index < 8 ? first : second
                    let byte = UInt8(truncatingIfNeeded: word >> (index % 8 * 8))
                    text[index * 2] = Hex.digit(byte >> 4)
                    text[index * 2 + 1] = Hex.digit(byte & 15)
                }
                return 32
            }
        }
    }

    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var count = 0

    /// - Parameter key: 128 bits that others do not know.
    public init(key: Digest) {
        v0 = 0x736f_6d65_7073_6575 ^ key.first
        v1 = 0x646f_7261_6e64_6f6d ^ key.second ^ 0xee
        v2 = 0x6c79_6765_6e65_7261 ^ key.first
        v3 = 0x7465_6462_7974_6573 ^ key.second
    }

    /// Eight bytes of input, the lowest first.
    public mutating func add(_ word: UInt64) {
        count += 8
        compress(word)
    }

    /// The hash of all words added and these bytes behind them.
    public func finished(with tail: UnsafeRawBufferPointer) -> Digest {
        var state = self
        state.count += tail.count
        let whole = tail.count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
            state.compress(UInt64(littleEndian: tail.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
        }
        var last = UInt64(truncatingIfNeeded: state.count) << 56
        for index in whole..<tail.count { last |= UInt64(tail[index]) << ((index - whole) * 8) }
        state.compress(last)
        return state.finalized()
    }

    /// The hash of all words added.
    public func finished() -> Digest {
        finished(with: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func finalized() -> Digest {
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let first = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return Digest(first: first, second: v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotated(v1, 13) ^ v0
        v0 = Self.rotated(v0, 32)
        v2 &+= v3
        v3 = Self.rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotated(v1, 17) ^ v2
        v2 = Self.rotated(v2, 32)
    }

    @inline(__always)
    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }
}
