import Codecs

/// What operations are called in OpenAPI, and so the functions of generated clients.
struct OperationNames: Sendable {
    private let methodsByPath: [String: Int]

    init(_ routes: [Route]) {
        methodsByPath = Dictionary(routes.map { ($0.path, 1) }, uniquingKeysWith: +)
    }

    /// `notes_list`, `auth_signup`; where an address has several methods, the method stands behind the surface:
    /// `auth_get_user`. A route may say its name itself.
    func name(of route: Route) -> String {
        if let name = route.name { return name }
        var words = route.path.split(separator: "/").map { $0.filter { $0 != "{" && $0 != "}" } }
        if words.starts(with: ["functions", "v1"]) { words.removeFirst(2) }
        if words.starts(with: ["auth", "v1"]) { words.remove(at: 1) }
        if methodsByPath[route.path, default: 1] > 1 {
            words.insert(route.method.rawValue.lowercased(), at: min(1, words.count))
        }
        return String(words.joined(separator: "_").map { $0 == "-" ? "_" : $0 })
    }

    /// Lower-case words with single `_` between them, as every language can spell.
    static func isGood(_ name: String) -> Bool {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        guard let first = words.first?.first, !first.isNumber else { return false }
        return words.allSatisfy { word in
            !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
        }
    }
}
