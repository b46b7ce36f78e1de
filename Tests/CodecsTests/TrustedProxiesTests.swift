import Codecs
import Testing

struct TrustedProxiesTests {
    private let proxies = TrustedProxies(["10.0.0.0/8", "fd00::/8"].compactMap { IPNetwork($0) })

    @Test(arguments: [
        ("203.0.113.1", "203.0.113.1"), ("6.6.6.6, 203.0.113.1,\t10.0.0.2", "203.0.113.1"),
        ("6.6.6.6, unknown, fd00::1", "fd00::1"), ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
    ])
    func `the nearest address that is no proxy's is the client's`(_ header: String, _ client: String) {
        #expect(proxies.client(in: header)?.description == client)
    }

    @Test(arguments: ["", "unknown", "203.0.113.1,", "203.0.113.1, 10.0.0.1:80", "-0::"])
    func `a last hop that is no address names nobody`(_ header: String) {
        #expect(proxies.client(in: header) == nil)
    }

    @Test func `hops are bounded`() {
        let hops = ["203.0.113.1"] + Array(repeating: "10.0.0.2", count: TrustedProxies.mostHops)
        #expect(proxies.client(in: hops.joined(separator: ","))?.description == "10.0.0.2")
    }
}
