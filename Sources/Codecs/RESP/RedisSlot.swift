/// Where a key lives in a cluster.
///
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec
public enum RedisSlot {
    public static let count = 16_384

    /// CRC16 of the key, or of what stands in its first `{…}` when that is not empty, modulo 16384.
    public static func of(_ key: some Collection<UInt8>) -> Int {
        Int(crc16(hashed(Array(key)))) % count
    }

    private static func hashed(_ key: [UInt8]) -> ArraySlice<UInt8> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let inside = key[(open + 1)...]
        guard let close = inside.firstIndex(of: UInt8(ascii: "}")), close > open + 1 else { return key[...] }
        return inside[..<close]
    }

    /// CRC-16/XMODEM: polynomial 0x1021, from 0, not reflected.
    static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in (sum << 8) ^ table[Int((sum >> 8) as UInt16) ^ Int(byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : (sum << 1) ^ 0x1021 }
    }
}

/// Where a cluster sends a command instead.
public struct RedisRedirect: Sendable, Hashable {
    public let slot: Int
    /// Empty: the host that answered.
    public let host: String
    public let port: Int
    /// For this command alone, and after ASKING: the slot is on its way there.
    public let isOnce: Bool

    /// From `MOVED 3999 10.0.0.1:6381` or `ASK …`; nil for any other error, and for one that names no place.
    public init?(_ error: RESPError) {
        guard error.code == "MOVED" || error.code == "ASK" else { return nil }
        let parts = error.message.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let slot = Int(parts[0]), (0..<RedisSlot.count).contains(slot) else { return nil }
        // An address of IPv6 has colons too: the port stands behind the last.
        guard let colon = parts[1].lastIndex(of: ":") else { return nil }
        guard let port = Int(parts[1][parts[1].index(after: colon)...]), (1...65_535).contains(port) else { return nil }
        self.slot = slot
        host = String(parts[1][..<colon])
        self.port = port
        isOnce = error.code == "ASK"
    }
}
