import Codecs
import Platform

/// Where somebody signs in from, as far as it is told apart: the kind of device and the network, neither of which is one machine.
struct Whereabouts: Sendable {
    /// `Chrome on macOS`, or a program's own name.
    let device: String
    /// Of one household or office: 24 bits of IPv4, 56 of IPv6. Nil when nobody knows the address.
    let network: IPNetwork?
    /// Of one town or provider, as far as networks say: 16 bits of IPv4, 32 of IPv6. Whoever moves about with a telephone stays in it.
    let region: IPNetwork?
    /// As a person reads it: `203.0.113.*`.
    let address: String

    init(_ request: RequestFacts) {
        device = Device(userAgent: request.userAgent).name ?? "?"
        guard let host = request.address.flatMap({ IPAddress($0) }) else {
            network = nil
            region = nil
            address = "?"
            return
        }
        let isV4 = host.family == .v4
        network = IPNetwork(host, prefixLength: isV4 ? 24 : 56)
        region = IPNetwork(host, prefixLength: isV4 ? 16 : 32)
        let parts =
            isV4
            ? host.bytes[..<3].map { String($0) }
            : [0, 2, 4].map { String(Int(host.bytes[$0]) << 8 | Int(host.bytes[$0 + 1]), radix: 16) }
        address = (parts + ["*"]).joined(separator: isV4 ? "." : ":")
    }
}
