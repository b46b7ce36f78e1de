/// Where a Redis or a Sentinel listens.
package enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address of IPv4 or IPv6, without brackets.
    case host(String, port: Int)
    case socket(path: String)

    package var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .socket(let path): path
        }
    }

    /// The name that a certificate must bear; nil for a socket file.
    var host: String? {
        switch self {
        case .host(let host, _): host
        case .socket: nil
        }
    }

    /// `host:port`, `[::1]:port` or a host alone.
    package init?(_ text: String, defaultPort: Int) {
        let isBracketed = text.hasPrefix("[")
        let colons = text.count { $0 == ":" }
        guard isBracketed || colons <= 1 else {
            self = .host(text, port: defaultPort)
            return
        }
        let end = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":") ?? text.endIndex
        guard let end else { return nil }
        let host = String(text[..<end].drop { $0 == "[" })
        let rest = isBracketed ? text[text.index(after: end)...] : text[end...]
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "/@?#%".contains($0) }) else { return nil }
        if rest.isEmpty {
            self = .host(host, port: defaultPort)
            return
        }
        guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65_535).contains(port) else { return nil }
        self = .host(host, port: port)
    }
}

extension RedisAddress {
    /// Whether it cannot be reached from another machine.
    package var isLocal: Bool {
        switch self {
        case .socket: true
        case .host(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}
