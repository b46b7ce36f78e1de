import Codecs

/// `redis://[user[:password]@]host[:port][,host[:port]…][/database]`, with TLS as `rediss://`, or a socket file as
/// `unix://[user[:password]@]/path[?db=n]`.
///
/// Source: https://www.iana.org/assignments/uri-schemes/prov/redis. Several hosts are our own addition, for clusters.
package struct RedisURL: Sendable, Hashable {
    package let isSecure: Bool
    package let user: String?
    package let password: String?
    package let addresses: [RedisAddress]
    package let database: Int?

    /// Nil when it is none: a word of it that cannot be understood is not passed over.
    package init?(_ text: String) {
        guard text.utf8.count <= 4_096, let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        var rest = text[colon.upperBound...]
        var login: Substring?
        if let at = rest.lastIndex(of: "@") {
            login = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        guard let names = Self.names(login) else { return nil }
        (user, password) = names
        isSecure = scheme == "rediss"
        switch scheme {
        case "redis", "rediss":
            let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let hosts = parts.first?.split(separator: ",", omittingEmptySubsequences: false) ?? []
            addresses = hosts.compactMap { RedisAddress(String($0), defaultPort: 6_379) }
            guard !hosts.isEmpty, hosts.count <= 64, addresses.count == hosts.count else { return nil }
            guard let database = Self.database(parts.count > 1 ? parts[1] : "") else { return nil }
            self.database = database
        case "unix":
            let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            guard let path = parts.first, path.hasPrefix("/"), path.utf8.count <= 100 else { return nil }
            addresses = [.socket(path: String(path))]
            let query = parts.count > 1 ? parts[1] : ""
            guard query.isEmpty || query.hasPrefix("db=") else { return nil }
            guard let database = Self.database(query.dropFirst(3)) else { return nil }
            self.database = database
        default: return nil
        }
    }

    /// The number, or that there is none; nil for what is neither.
    private static func database(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.count <= 5, let number = Int(text), number >= 0 else { return nil }
        return .some(number)
    }

    private static func names(_ login: Substring?) -> (String?, String?)? {
        guard let login else { return (nil, nil) }
        let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = decoded(parts[0]) else { return nil }
        guard parts.count > 1 else { return (user.isEmpty ? nil : user, nil) }
        guard let password = decoded(parts[1]) else { return nil }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : password)
    }

    /// Without its percent signs; nil when one is malformed, or when they make no UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
            guard let pair = Hex.decode(String(decoding: [high, low], as: UTF8.self)) else { return nil }
            bytes += pair
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
