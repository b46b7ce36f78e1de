/// The networks of proxies that are believed, and what their X-Forwarded-For then says.
public struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]
    /// Most hops of a header that are looked at.
    public static let mostHops = 32

    public init(_ networks: [IPNetwork]) {
        self.networks = networks
    }

    public var isEmpty: Bool { networks.isEmpty }

    public func contains(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    /// From the right, the first address that is no trusted proxy's. What is no address ends the search: left of it nothing is
    /// believed. Nil when the last hop already is none.
    public func client(in forwardedFor: String) -> IPAddress? {
        var nearest: IPAddress?
        for hop in forwardedFor.split(separator: ",", omittingEmptySubsequences: false).reversed().prefix(Self.mostHops)
        {
            guard let address = IPAddress(Self.trimmed(hop)) else { return nearest }
            nearest = address
            guard contains(address) else { return address }
        }
        return nearest
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
