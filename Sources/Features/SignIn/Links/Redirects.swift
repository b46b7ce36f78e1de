/// Where a person may be sent after a link: the product's front end, and what URI_ALLOW_LIST names.
struct Redirects: Sendable {
    /// APP_URL.
    let site: String
    private let allowed: [GlobPattern]

    init(site: String, allowed: [String]) {
        self.site = site
        self.allowed = allowed.map(GlobPattern.init)
    }

    /// `wanted` where it may be, else the front end, as GoTrue does: a letter is sent either way.
    func target(_ wanted: String?) -> String {
        guard let wanted, isAllowed(wanted) else { return site }
        return wanted
    }

    func isAllowed(_ wanted: String) -> Bool {
        guard wanted.utf8.count <= 2_000, wanted.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else {
            return false
        }
        guard let scheme = wanted.firstRange(of: ":").map({ wanted[..<$0.lowerBound].lowercased() }),
            !["javascript", "data", "vbscript", "file", "blob", "about"].contains(scheme)
        else { return false }
        // The same place as the front end: its address, or anything below it.
        if wanted == site || ["/", "?", "#"].contains(where: { wanted.hasPrefix(site + $0) }) { return true }
        return allowed.contains { $0.matches(wanted) }
    }
}
