import Codecs
import Threads

/// Counts and times of this process, in Prometheus' text format.
///
/// Requests have a slot per route, so that two routes do not share a lock; rare counters share one.
public final class Metrics: Sendable {
    private let counters = Locked<[Series: Int]>([:])
    private let gauges = Locked<[String: Reading]>([:])
    private let slots: Locked<[RouteMetrics]> = Locked([])

    /// The longest that samples are waited for, all together: whoever scrapes has a deadline too.
    private static let patience: Duration = .seconds(2)

    /// Gives samples, or throws while what it asks does not answer.
    public typealias Reading = @Sendable () async throws -> [Sample]

    struct Series: Hashable {
        let name: String
        let labels: [String: String]
    }

    /// A value that is read when the metrics are.
    public struct Sample: Sendable {
        public let name: String
        public let value: Double
        public let labels: [String: String]

        public init(_ name: String, _ value: Double, _ labels: [String: String] = [:]) {
            self.name = name
            self.value = value
            self.labels = labels
        }
    }

    public init() {}

    /// Adds to a counter. Labels take few values: never ids or addresses.
    public func count(_ name: String, _ labels: [String: String] = [:], by amount: Int = 1) {
        counters.withLock { $0[Series(name: name, labels: labels), default: 0] += amount }
    }

    /// The counter's value, 0 when it was never counted.
    public func value(of name: String, _ labels: [String: String] = [:]) -> Int {
        counters.withLock { $0[Series(name: name, labels: labels)] ?? 0 }
    }

    /// Registers samples that are taken at each reading, for at most two seconds. Those that cannot be had are missing then, which
    /// `leansaas_samples_missing` says.
    public func observe(_ name: String, _ read: @escaping Reading) {
        gauges.withLock { $0[name] = read }
    }

    func slot(method: String, route: String) -> RouteMetrics {
        let slot = RouteMetrics(method: method, route: route)
        slots.withLock { $0.append(slot) }
        return slot
    }

    var routes: [RouteMetrics.Snapshot] { slots.withLock { $0 }.map(\.snapshot) }

    /// Requests since the start, and those answered with 500 or above.
    public var totals: (requests: Int, errors: Int, meanSeconds: Double) {
        let routes = routes
        let requests = routes.reduce(0) { $0 + $1.times.count }
        let errors = routes.reduce(0) { $0 + $1.byStatus.filter { $0.key >= 500 }.values.reduce(0, +) }
        let seconds = routes.reduce(0) { $0 + $1.times.sum }
        return (requests, errors, requests == 0 ? 0 : seconds / Double(requests))
    }

    /// The text that Prometheus scrapes.
    public func exposition() async -> String {
        var text = MetricsText()
        text.requests(routes)
        let counted = counters.withLock { $0 }
        for (name, series) in Dictionary(grouping: counted, by: \.key.name).sorted(by: { $0.key < $1.key }) {
            text.header(name, "counter")
            for (key, value) in series.sorted(by: {
                MetricsText.labels($0.key.labels) < MetricsText.labels($1.key.labels)
            }) {
                text.line(name, key.labels, Double(value))
            }
        }
        let taken = await taken()
        for (_, samples) in taken { text.samples(samples ?? []) }
        text.samples(
            taken.map { Sample("leansaas_samples_missing", $0.samples == nil ? 1 : 0, ["source": $0.source]) })
        return text.text
    }

    /// All samples, taken side by side; nil where they could not be had.
    private func taken() async -> [(source: String, samples: [Sample]?)] {
        await withTaskGroup(of: (source: String, samples: [Sample]?).self) { group in
            for (source, read) in gauges.withLock({ $0 }) {
                group.addTask {
                    do {
                        return (source, try await withDeadline(Self.patience, read))
                    } catch {
                        return (source, nil)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.source < $1.source }
        }
    }
}

/// How often and how fast one route answered.
final class RouteMetrics: Sendable {
    struct Snapshot: Sendable {
        let method: String
        let route: String
        var byStatus: [Int: Int] = [:]
        /// Seconds, with the guide's bounds.
        var times = Histogram(bounds: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5])
    }

    private let state: Locked<Snapshot>

    init(method: String, route: String) {
        state = Locked(Snapshot(method: method, route: route))
    }

    func record(status: Int, seconds: Double) {
        state.withLock { state in
            state.byStatus[status, default: 0] += 1
            state.times.record(seconds)
        }
    }

    var snapshot: Snapshot { state.withLock { $0 } }
}
