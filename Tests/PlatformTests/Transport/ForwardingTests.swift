import Codecs
import HTTPTypes
import NIOCore
import Testing

@testable import Platform

struct ForwardingTests {
    private let forwarding = Forwarding(trusted: ["10.0.0.0/8", "::1/128"].compactMap { IPNetwork($0) })

    private func client(
        from peer: String, _ forwardedFor: String?, proto: String? = nil
    ) throws -> (address: String?, isSecure: Bool) {
        var headers = HTTPFields()
        headers[.forwardedFor] = forwardedFor
        headers[.forwardedProto] = proto
        let socket = try SocketAddress(ipAddress: peer, port: 1)
        return forwarding.client(of: forwarding.peer(at: socket, isSecure: false), headers: headers)
    }

    @Test func `a stranger's word about itself is not believed`() throws {
        let client = try client(from: "192.0.2.7", "203.0.113.1", proto: "https")
        #expect(client.address == "192.0.2.7")
        #expect(!client.isSecure)
    }

    @Test(arguments: [
        ("203.0.113.1", "203.0.113.1"), ("6.6.6.6, 203.0.113.1", "203.0.113.1"),
        ("203.0.113.1, 10.1.1.1", "203.0.113.1"),
        ("6.6.6.6, nonsense, 10.1.1.1", "10.1.1.1"), ("10.2.2.2", "10.2.2.2"), ("", "10.0.0.1"),
        ("203.0.113.1,", "10.0.0.1"), ("2001:DB8::1", "2001:db8::1"), ("::ffff:203.0.113.1", "203.0.113.1"),
    ])
    func `behind a trusted proxy the nearest address that is no proxy's counts`(_ header: String, _ address: String)
        throws
    {
        #expect(try client(from: "10.0.0.1", header).address == address)
    }

    @Test func `the scheme is the nearest proxy's`() throws {
        let words: [(String?, Bool)] = [("https", true), ("http, HTTPS", true), ("https, http", false), (nil, false)]
        for (proto, isSecure) in words {
            #expect(try client(from: "10.0.0.1", nil, proto: proto).isSecure == isSecure)
        }
    }

    @Test func `connections count by address, by site in IPv6, and not at all for proxies`() throws {
        #expect(forwarding.countedAddress(of: try SocketAddress(ipAddress: "192.0.2.7", port: 1)) == "192.0.2.7")
        #expect(
            forwarding.countedAddress(of: try SocketAddress(ipAddress: "2001:db8::7", port: 1)) == "2001:db8::/64")
        #expect(forwarding.countedAddress(of: try SocketAddress(ipAddress: "10.9.9.9", port: 1)) == nil)
    }
}
