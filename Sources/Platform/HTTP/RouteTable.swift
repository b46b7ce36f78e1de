import HTTPTypes

/// All routes of the product by address. A path without parameters is one look-up.
struct RouteTable: Sendable {
    /// A route, where its requests are counted, and what limits them. A class: each request takes one along.
    final class Entry: Sendable {
        let route: Route
        let metrics: RouteMetrics
        let limits: RouteLimits?

        init(_ route: Route, _ metrics: RouteMetrics, _ limits: RouteLimits?) {
            self.route = route
            self.metrics = metrics
            self.limits = limits
        }
    }

    enum Match {
        case found(Entry)
        /// The address is there, under these methods.
        case wrongMethod(allowed: [HTTPRequest.Method])
        case none
    }

    private struct Pattern: Sendable {
        let segments: [Substring]
        let byMethod: [HTTPRequest.Method: Entry]
    }

    private var fixed: [String: [HTTPRequest.Method: Entry]] = [:]
    private var patterns: [Pattern] = []
    /// Where requests are counted that no route answers.
    let unmatched: RouteMetrics

    init(_ routes: [Route], metrics: Metrics, limits: Limits) {
        unmatched = metrics.slot(method: "any", route: "none")
        var byPath: [String: [HTTPRequest.Method: Entry]] = [:]
        for route in routes {
            let slot = metrics.slot(method: route.method.rawValue, route: route.path)
            byPath[route.path, default: [:]][route.method] = Entry(route, slot, limits.rules(of: route))
        }
        for (path, entries) in byPath {
            if path.contains("{") {
                patterns.append(Pattern(segments: path.split(separator: "/"), byMethod: entries))
            } else {
                fixed[path] = entries
            }
        }
    }

    /// HEAD is answered by GET's route.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        guard let entries = entries(path) else { return .none }
        if let entry = entries[method] ?? (method == .head ? entries[.get] : nil) { return .found(entry) }
        return .wrongMethod(allowed: methods(entries))
    }

    /// The methods that the address takes, OPTIONS with them. Nil when there is no such address.
    func methods(_ path: String) -> [HTTPRequest.Method]? {
        entries(path).map(methods)
    }

    private func methods(_ entries: [HTTPRequest.Method: Entry]) -> [HTTPRequest.Method] {
        let named = entries.keys.sorted { $0.rawValue < $1.rawValue }
        return named + (entries[.get] == nil ? [] : [.head]) + [.options]
    }

    private func entries(_ path: String) -> [HTTPRequest.Method: Entry]? {
        if let entries = fixed[path] { return entries }
        guard !patterns.isEmpty else { return nil }
        let segments = path.split(separator: "/", maxSplits: 16, omittingEmptySubsequences: true)
        return patterns.first { Self.matches($0.segments, segments) }?.byMethod
    }

    private static func matches(_ pattern: [Substring], _ segments: [Substring]) -> Bool {
        guard pattern.count == segments.count else { return false }
        return zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
