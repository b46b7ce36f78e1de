import Codecs
import Logging
import Postgres

/// Where events go: the log, the metrics and, of those that are kept, the audit log.
public struct Events: Sendable {
    private let metrics: Metrics
    private let clock: WallClock
    /// Nil: nobody keeps an audit log.
    private let auditor: Auditor?
    private let backlog: AuditBacklog

    package init(metrics: Metrics, clock: WallClock, auditor: Auditor? = nil) {
        self.metrics = metrics
        self.clock = clock
        self.auditor = auditor
        backlog = AuditBacklog()
        guard auditor != nil else { return }
        metrics.observe("audit backlog") { [backlog] in
            let figures = backlog.figures
            return [
                Metrics.Sample("leansaas_audit_backlog", Double(figures.waiting)),
                Metrics.Sample("leansaas_audit_dropped_total", Double(figures.dropped)),
            ]
        }
    }

    /// Says that something happened by the product's own doing.
    ///
    /// - Parameter attributes: ids and codes, never addresses, names or tokens.
    public func emit(
        _ event: Event, of target: EventTarget? = nil, _ attributes: [String: String] = [:], log: Logger
    ) {
        emit(
            Occurrence(
                event: event, at: clock.now(), actor: .system, target: target, attributes: attributes, request: nil),
            log: log)
    }

    /// Tells of it at once; its row is written a moment later.
    func emit(_ occurrence: Occurrence, log: Logger) {
        tell(occurrence, log)
        guard auditor != nil, let kept = occurrence.event.kept else { return }
        backlog.append(occurrence.json(kept).text)
    }

    /// The statement that keeps it in the transaction which it is put into, under the platform's role. Log and metrics hear of it
    /// when that has committed.
    func recording(_ occurrence: Occurrence, log: Logger) -> SQL {
        let statement: SQL
        if let auditor, let kept = occurrence.event.kept {
            statement = auditor.record("[" + occurrence.json(kept).text + "]")
        } else {
            statement = "select"
        }
        return statement.afterCommit { tell(occurrence, log) }
    }

    private func tell(_ occurrence: Occurrence, _ log: Logger) {
        let event = occurrence.event
        metrics.count("leansaas_events_total", ["event": event.name])
        if event.isSecurity { metrics.count("leansaas_security_events_total", ["event": event.name]) }
        var metadata = occurrence.attributes.mapValues { Logger.MetadataValue.string($0) }
        if let target = occurrence.target { metadata[target.type] = .string(target.id) }
        log.log(level: event.level, "\(event.name)", metadata: metadata)
    }

    /// Whether anybody keeps an audit log.
    package var isKept: Bool { auditor != nil }

    /// Writes what waits, until the task is cancelled.
    package func run(on database: Database, log: Logger) async {
        guard let auditor else { return }
        await backlog.run(auditor, on: database, log: log)
    }

    /// Writes what still waits: for the end of a node, and for whoever looks at the audit log at once.
    ///
    /// - Throws: what the database throws; the rows then wait on.
    package func flush(on database: Database, log: Logger) async throws {
        guard let auditor else { return }
        try await backlog.flush(auditor, on: database, log: log)
    }
}

extension Call {
    /// Says that something happened, beside any transaction: a log line and a count at once, and a row of the audit log a moment
    /// later. For what a transaction did there is `recording`.
    ///
    /// - Parameters:
    ///   - person: who a visitor turned out to be.
    ///   - attributes: ids and codes, never addresses, names or tokens.
    public func emit(
        _ event: Event, of target: EventTarget? = nil, as person: ID<Person>? = nil,
        _ attributes: [String: String] = [:]
    ) {
        services.events.emit(occurrence(event, target, person, attributes), log: log)
    }

    /// The same as a statement for the transaction that does it, under the platform's role: kept when that commits, and told then.
    public func recording(
        _ event: Event, of target: EventTarget? = nil, as person: ID<Person>? = nil,
        _ attributes: [String: String] = [:]
    ) -> SQL {
        services.events.recording(occurrence(event, target, person, attributes), log: log)
    }

    private func occurrence(
        _ event: Event, _ target: EventTarget?, _ person: ID<Person>?, _ attributes: [String: String]
    ) -> Occurrence {
        Occurrence(
            event: event, at: now, actor: request.actor(acting: person), target: target, attributes: attributes,
            request: request)
    }
}

extension RequestFacts {
    func actor(acting person: ID<Person>? = nil) -> EventActor { EventActor(caller, acting: person) }
}
