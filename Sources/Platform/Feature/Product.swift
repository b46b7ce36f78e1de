/// A list of features that belong together, checked.
public struct Product: Sendable {
    public let features: [Feature]
    package let authenticator: Authenticator
    /// Nil: nobody keeps what happened.
    let auditor: Auditor?

    /// - Throws: `ProductFaults` that names all of what is wrong.
    public init(_ features: [Feature]) throws(ProductFaults) {
        var faults = ProductFaults.names(features) + ProductFaults.needs(features) + ProductFaults.routes(features)
        faults += ProductFaults.permissions(features) + ProductFaults.migrations(features)
        faults += ProductFaults.commands(features) + ProductFaults.jobs(features)
        let authenticators = features.compactMap(\.authenticator)
        if authenticators.count != 1 {
            faults.append("exactly one feature must say how credentials become a caller; \(authenticators.count) do")
        }
        let auditors = features.compactMap(\.auditor)
        if auditors.count > 1 { faults.append("at most one feature keeps what happened; \(auditors.count) do") }
        guard faults.isEmpty, let authenticator = authenticators.first else { throw ProductFaults(all: faults) }
        self.features = features
        self.authenticator = authenticator
        auditor = auditors.first
    }

    public var routes: [Route] { features.flatMap(\.routes) }
    public var permissions: [Permission] { features.flatMap(\.permissions) }
    public var tables: [Table] { features.flatMap(\.schema.tables) }
    public var checks: [HealthCheck] { features.flatMap(\.checks) }
    public var jobs: [Job] { features.flatMap(\.jobs) }
    public var letters: [LetterKind] { features.flatMap(\.letters) }
}

/// All that is wrong with a list of features: it does not start.
public struct ProductFaults: Error, CustomStringConvertible {
    public let all: [String]

    public var description: String {
        "the product cannot start:\n" + all.map { "  - \($0)" }.joined(separator: "\n")
    }

    static func names(_ features: [Feature]) -> [String] {
        twice(features.map(\.name)).map { "two features are named \($0)" }
    }

    static func needs(_ features: [Feature]) -> [String] {
        var earlier: Set<String> = []
        var faults: [String] = []
        for feature in features {
            for need in feature.needs where !earlier.contains(need) {
                faults.append("\(feature.name) needs \(need), which must stand before it")
            }
            earlier.insert(feature.name)
        }
        return faults
    }

    static func routes(_ features: [Feature]) -> [String] {
        let routes = features.flatMap(\.routes)
        var faults = twice(routes.map { "\($0.method.rawValue) \($0.path)" }).map { "two routes are \($0)" }
        let names = OperationNames(routes)
        faults += twice(routes.filter { !$0.isAsset }.map(names.name)).map { "two routes are named \($0)" }
        for route in routes {
            let name = names.name(of: route)
            if !route.isAsset, !OperationNames.isGood(name) {
                faults.append("\(route.path) makes the bad name \(name): give it another with `named`")
            }
            if !route.path.hasPrefix("/") { faults.append("the path \(route.path) must begin with /") }
            for field in twice(route.inputs.map(\.name)) {
                faults.append("\(route.path) reads \(field) twice")
            }
            let read = route.inputs.filter { $0.place == .path }.map { "{\($0.name)}" }.sorted()
            let named = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map(String.init).sorted()
            if read != named { faults.append("\(route.path) reads \(read) of its path") }
        }
        return faults
    }

    static func permissions(_ features: [Feature]) -> [String] {
        let declared = features.flatMap(\.permissions)
        var faults = twice(declared.map(\.name)).map { "the permission \($0) is declared twice" }
        for route in features.flatMap(\.routes) {
            if let needed = route.permission, !declared.contains(needed) {
                faults.append("\(route.path) needs \(needed.name), which no feature declares")
            }
        }
        return faults
    }

    static func migrations(_ features: [Feature]) -> [String] {
        features.flatMap { feature in
            twice(feature.schema.migrations.map(\.id)).map { "\(feature.name) has two migrations \($0)" }
        }
    }

    static func commands(_ features: [Feature]) -> [String] {
        twice(features.flatMap(\.commands).map(\.name)).map { "two commands are named \($0)" }
    }

    static func jobs(_ features: [Feature]) -> [String] {
        twice(features.flatMap(\.jobs).map(\.name)).map { "two jobs are named \($0)" }
            + twice(features.flatMap(\.letters).map(\.name)).map { "two kinds of letters are named \($0)" }
    }

    private static func twice(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        var found: Set<String> = []
        for name in names where !seen.insert(name).inserted { found.insert(name) }
        return found.sorted()
    }
}
