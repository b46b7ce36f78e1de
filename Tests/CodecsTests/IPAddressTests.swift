import Codecs
import Testing

struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("2001:DB8::1", "2001:db8::1"), ("::", "::"),
        ("::1", "::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("fe80::", "fe80::"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"),
    ])
    func `an address is printed in its one form`(_ text: String, _ canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", " ", "192.0.2", "192.0.2.1.5", "192.0.2.256", "192.0.02.1", "0x7f.0.0.1", "127.1", "192.0.2.1:80",
        "192.0.2.1/32",
        " 192.0.2.1", ":::", "1::2::3", "::12345", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8",
        "fe80::1%eth0",
        "[::1]", "::1.2.3", "1.2.3.4::", "g::", "+1::", "-1::", "-0::", "::+0", "::ffff:192.0.2.1:1", "unknown",
    ])
    func `what is no address alone is refused`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `a network holds the addresses that share its prefix`() throws {
        let network = try #require(IPNetwork("10.32.0.0/11"))
        #expect(network.contains(try #require(IPAddress("10.63.255.255"))))
        #expect(!network.contains(try #require(IPAddress("10.64.0.0"))))
        #expect(!network.contains(try #require(IPAddress("a20::"))))
        #expect(network.description == "10.32.0.0/11")
        let everything = try #require(IPNetwork("::/0"))
        #expect(everything.contains(try #require(IPAddress("2001:db8::1"))))
        #expect(!everything.contains(try #require(IPAddress("192.0.2.1"))))
        #expect(try #require(IPNetwork("::1")).prefixLength == 128)
    }

    @Test(arguments: ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/8", "/8", "::/129", "all"])
    func `what is no network is refused`(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func `neighbours of one site share a network of 64 bits`() throws {
        let one = try #require(IPAddress("2001:db8:1:2:3:4:5:6"))
        let other = try #require(IPAddress("2001:db8:1:2:ffff::"))
        #expect(IPNetwork(one, prefixLength: 64) == IPNetwork(other, prefixLength: 64))
        #expect(IPNetwork(one, prefixLength: 64).description == "2001:db8:1:2::/64")
    }
}
