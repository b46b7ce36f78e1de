import HTTPTypes
import Platform

/// Where a person may be sent after a link: the product's front end, and what URI_ALLOW_LIST names.
struct Redirects: Sendable {
    /// APP_URL.
    let site: String
    /// API_URL: our own pages are nobody's front end.
    private let own: String
    private let allowed: [GlobPattern]

    init(site: String, own: String = "", allowed: [String]) {
        self.site = site
        self.own = own
        self.allowed = allowed.map(GlobPattern.init)
    }

    /// `wanted` where it may be, else the front end, as GoTrue does: a letter is sent either way.
    func target(_ wanted: String?) -> String {
        guard let wanted, isAllowed(wanted) else { return site }
        return wanted == site + "/" ? site : wanted
    }

    /// Where a letter's link ends: what is asked for, in the input or in a header as some of GoTrue's clients do, else the front end
    /// that the request comes from. Source: supabase/auth, internal/utilities/request.go.
    func target(_ wanted: String?, of request: RequestFacts) -> String {
        let referer = request.headers[.referer].flatMap { isOwn($0) ? nil : $0 }
        return target([wanted, request.headers[.redirectTo], referer].compactMap { $0 }.first(where: isAllowed))
    }

    private func isOwn(_ address: String) -> Bool { !own.isEmpty && (address == own || address.hasPrefix(own + "/")) }

    func isAllowed(_ wanted: String) -> Bool {
        guard wanted.utf8.count <= 2_000, wanted.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else {
            return false
        }
        guard let scheme = wanted.firstRange(of: ":").map({ wanted[..<$0.lowerBound].lowercased() }),
            !["javascript", "data", "vbscript", "file", "blob", "about"].contains(scheme)
        else { return false }
        // The same place as the front end: its address, or anything below it.
        if wanted == site || ["/", "?", "#"].contains(where: { wanted.hasPrefix(site + $0) }) { return true }
        if isLoopback(wanted) { return true }
        // What stands behind `#` never leaves the browser, and is no part of what is allowed.
        let place = wanted.prefix { $0 != "#" }
        return allowed.contains { $0.matches(String(place)) }
    }

    /// A program on the person's own machine may listen at any port (RFC 8252, 7.3): at a loopback address, and at `localhost` where
    /// the front end is there too.
    private func isLoopback(_ wanted: String) -> Bool {
        guard let host = Self.host(of: wanted) else { return false }
        return ["127.0.0.1", "[::1]"].contains(host) || host == "localhost" && Self.host(of: site) == host
    }

    /// Of `http://host:port…`; nil for all else, also for one that names a user.
    private static func host(of address: String) -> Substring? {
        let prefix = "http://"
        guard address.hasPrefix(prefix) else { return nil }
        let authority = address.dropFirst(prefix.count).prefix { !"/?#".contains($0) }
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[bracket...].firstIndex(of: ":") else { return authority }
        let port = authority[authority.index(after: colon)...]
        guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return authority[..<colon]
    }

    /// The address with more in its query, before what stands behind `#`.
    static func adding(_ query: String, to address: String) -> String {
        let place = address.prefix { $0 != "#" }
        return place + (place.contains("?") ? "&" : "?") + query + address.dropFirst(place.count)
    }
}

extension HTTPField.Name {
    static let redirectTo = named("redirect_to")
}
