import Codecs
import Platform

/// How connections are bounded, who is believed about them, and how answers are packed.
struct TransportSettings: Sendable {
    let phases: PhaseLimits
    let connections: ConnectionLimits
    let drain: Duration
    let forwarding: Forwarding
    let compression: Compression
    /// Where plain requests are sent; nil when they are served.
    let secureURL: String?

    init(_ read: inout SettingReader, _ basics: Basics, hasCertificate: Bool) {
        read.group("Transport")
        phases = Self.phases(&read)
        connections = ConnectionLimits(
            total: read.int(
                "HTTP_MAX_CONNECTIONS", default: 10_000, in: 10...1_000_000,
                "Most connections at once; further ones are closed."),
            perAddress: read.int(
                "HTTP_MAX_CONNECTIONS_PER_ADDRESS", default: 200, in: 1...1_000_000,
                "Most connections of one address (of IPv6: of one /64), trusted proxies excepted."))
        drain = read.seconds(
            "HTTP_DRAIN_TIMEOUT",
            default: read.stage == .production || read.stage == .staging ? .seconds(10) : .seconds(0),
            in: .seconds(0)...(.seconds(300)),
            "How long idle connections stay when the server ends or hands over; the next answer of each is its last.")
        forwarding = Self.forwarding(&read)
        compression = Self.compression(&read)
        secureURL = Self.secureURL(&read, basics, hasCertificate: hasCertificate)
    }

    private static func phases(_ read: inout SettingReader) -> PhaseLimits {
        let range: ClosedRange<Duration> = .seconds(1)...(.seconds(3_600))
        return PhaseLimits(
            head: read.seconds(
                "HTTP_HEADER_TIMEOUT", default: .seconds(10), in: range,
                "From the first byte of a request to the end of its headers; also for a TLS handshake."),
            body: read.seconds(
                "HTTP_BODY_TIMEOUT", default: .seconds(30), in: range,
                "From the end of a request's headers to the end of its body."),
            request: read.seconds(
                "HTTP_REQUEST_TIMEOUT", default: .seconds(60), in: range,
                "From the end of a request's headers to the end of its answer."),
            idle: read.seconds(
                "HTTP_IDLE_TIMEOUT", default: .seconds(60), in: range,
                "How long a connection may stay open between two requests."))
    }

    private static func forwarding(_ read: inout SettingReader) -> Forwarding {
        let names = read.list(
            "TRUSTED_PROXIES", default: ["127.0.0.0/8", "::1/128"],
            "Networks whose X-Forwarded-For and X-Forwarded-Proto are believed. Name those of your proxies and no others."
        )
        let networks = names.map { IPNetwork($0) }
        if networks.contains(nil) {
            read.problem(
                "TRUSTED_PROXIES", "holds something that is no network",
                fix: "List addresses or networks, as 10.0.0.0/8 or 2001:db8::/32.")
        }
        if networks.contains(where: { $0?.prefixLength == 0 }) {
            read.problem(
                "TRUSTED_PROXIES", "trusts everybody", fix: "List the networks of your proxies alone.",
                onlyIn: [.production, .staging])
        }
        return Forwarding(trusted: networks.compactMap { $0 })
    }

    private static func compression(_ read: inout SettingReader) -> Compression {
        let isOn = read.bool("ENABLE_COMPRESSION", default: true, "Whether text is sent compressed to who can read it.")
        let gzip = read.bool("ENABLE_GZIP_COMPRESSION", default: true, "gzip, where ENABLE_COMPRESSION is on.")
        let brotli = read.bool("ENABLE_BROTLI_COMPRESSION", default: true, "Brotli, where ENABLE_COMPRESSION is on.")
        return Compression(gzip: isOn && gzip, brotli: isOn && brotli)
    }

    private static func secureURL(
        _ read: inout SettingReader, _ basics: Basics, hasCertificate: Bool
    ) -> String? {
        let isEnforced = read.bool(
            "SSL_ENFORCE", default: read.stage == .production,
            "Whether plain requests are sent to API_URL by 301 or 308, probes excepted. Behind a proxy, TRUSTED_PROXIES must "
                + "name it, so that its X-Forwarded-Proto is believed.")
        guard isEnforced else { return nil }
        guard basics.apiURL.hasPrefix("https://") else {
            read.problem(
                "SSL_ENFORCE", "sends everybody to API_URL, which is not https",
                fix: "Set API_URL to the public https address, or SSL_ENFORCE=false.")
            return nil
        }
        if !hasCertificate {
            read.advice(
                "SSL_ENFORCE", "no TLS certificate is set: only what a proxy of TRUSTED_PROXIES calls https is served.")
        }
        return basics.apiURL
    }
}
