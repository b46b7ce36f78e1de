/// An address of IPv4 or IPv6, printed in its one canonical form (RFC 5952).
///
/// An IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`, as a socket of both families shows its peers) is the IPv4
/// address, so that no list of networks is passed by under another spelling.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Family: Sendable {
        case v4, v6
    }

    public let family: Family
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]

    /// Nil unless there are 4 or 16 bytes.
    public init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4:
            family = .v4
            self.bytes = bytes
        case 16 where bytes[0..<10].allSatisfy({ $0 == 0 }) && bytes[10] == 0xFF && bytes[11] == 0xFF:
            family = .v4
            self.bytes = Array(bytes[12...])
        case 16:
            family = .v6
            self.bytes = bytes
        default:
            return nil
        }
    }

    /// Nil unless `text` is an address alone: no port, zone, brackets, spaces, leading zeros or shortened IPv4.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        let parsed = text.utf8.contains(UInt8(ascii: ":")) ? IPText.v6(Substring(text)) : IPText.v4(Substring(text))
        guard let parsed else { return nil }
        self.init(bytes: parsed)
    }

    public var description: String {
        switch family {
        case .v4: bytes.map { String($0) }.joined(separator: ".")
        case .v6: IPText.canonical(bytes)
        }
    }
}

/// Addresses that share their first bits: `10.0.0.0/8`.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The lowest address: bits after the prefix are 0.
    public let address: IPAddress
    /// 0...32 or 0...128.
    public let prefixLength: Int

    /// The network of so many bits that the address lies in; a longer prefix than the address is the address alone.
    public init(_ address: IPAddress, prefixLength: Int) {
        let length = min(max(0, prefixLength), address.bytes.count * 8)
        let bytes = address.bytes.enumerated().map { index, byte -> UInt8 in
            let kept = min(8, max(0, length - index * 8))
            return kept == 0 ? 0 : byte & (0xFF << (8 - UInt8(kept)))
        }
        self.address = IPAddress(bytes: bytes) ?? address
        self.prefixLength = length
    }

    /// `10.0.0.0/8`, or an address alone. Nil for a prefix that is too long, and for bits set behind it, which hint at a slip.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.bytes.count * 8)
            return
        }
        let isNumber = (1...3).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let length = Int(parts[1]), length <= address.bytes.count * 8 else { return nil }
        self.init(address, prefixLength: length)
        guard self.address == address else { return nil }
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && IPNetwork(other, prefixLength: prefixLength).address == address
    }

    public var description: String { "\(address)/\(prefixLength)" }
}
