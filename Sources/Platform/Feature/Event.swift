import Logging

/// Something that happened and is worth knowing: declared by its feature, told once, seen in log and metrics.
public struct Event: Hashable, Sendable {
    /// `sign_in.succeeded`: what, then how.
    public let name: String
    public let level: Logger.Level
    public let doc: String

    public init(_ name: String, _ doc: String, at level: Logger.Level = .info) {
        self.name = name
        self.level = level
        self.doc = doc
    }
}

/// Where events go.
public struct Events: Sendable {
    private let metrics: Metrics

    public init(metrics: Metrics) {
        self.metrics = metrics
    }

    /// Attributes are ids and codes, never addresses, names or tokens.
    public func emit(_ event: Event, _ attributes: [String: String] = [:], log: Logger) {
        metrics.count("leansaas_events_total", ["event": event.name])
        log.log(level: event.level, "\(event.name)", metadata: attributes.mapValues { .string($0) })
    }
}
