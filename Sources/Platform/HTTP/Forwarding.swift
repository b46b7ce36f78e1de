import Codecs
import HTTPTypes
import NIOCore

/// Which proxies are believed, and who stands behind them (TRUSTED_PROXIES).
///
/// X-Forwarded-For and -Proto say what whoever sent them liked to say: they are read only when the connection comes from a
/// network on the list, and only so far to the left as the list reaches.
package struct Forwarding: Sendable {
    private let trusted: TrustedProxies

    package init(trusted: [IPNetwork]) {
        self.trusted = TrustedProxies(trusted)
    }

    /// The other end of a connection.
    func peer(at socket: SocketAddress?, isSecure: Bool) -> Peer {
        let text = socket?.ipAddress
        let address = text.flatMap { IPAddress($0) }
        return Peer(
            address: address?.description ?? text, isTrusted: address.map(trusted.contains) ?? false, isSecure: isSecure
        )
    }

    /// The client's address, and whether the client speaks https.
    func client(of peer: Peer, headers: HTTPFields) -> (address: String?, isSecure: Bool) {
        guard peer.isTrusted else { return (peer.address, peer.isSecure) }
        let isSecure = headers[.forwardedProto].map { Self.last($0).lowercased() == "https" } ?? false
        let client = headers[.forwardedFor].flatMap { trusted.client(in: $0) }?.description
        return (client ?? peer.address, peer.isSecure || isSecure)
    }

    /// What connections are counted by: the address, of IPv6 the /64. Nil for trusted proxies, which carry many clients.
    func countedAddress(of socket: SocketAddress?) -> String? {
        guard let address = socket?.ipAddress.flatMap({ IPAddress($0) }), !trusted.contains(address) else { return nil }
        return address.family == .v6 ? IPNetwork(address, prefixLength: 64).description : address.description
    }

    private static func last(_ list: String) -> Substring {
        trimmed(list.split(separator: ",").last ?? "")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
