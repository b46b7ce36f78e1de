import Threads

/// Tells of people who ask for what is not theirs to do: once a minute for a person and a route, so that whoever repeats it does
/// not fill the audit log.
final class Refusals: Sendable {
    private struct Asked: Hashable {
        let person: ID<Person>
        let route: String
    }

    private static let pause: Duration = .seconds(60)

    private let told = Locked(Sieve<Asked, ContinuousClock.Instant>(limit: 10_000))
    private let services: Services

    init(_ services: Services) {
        self.services = services
    }

    func note(_ problem: Problem, _ route: Route, _ caller: Caller, _ arrival: Arrival) {
        guard problem.kind.status == 403, case .person(let principal) = caller else { return }
        let asked = Asked(person: principal.id, route: "\(route.method.rawValue) \(route.path)")
        let isNews = told.withLock { told in
            if let until = told.value(of: asked), until > .now { return false }
            told.insert(.now + Self.pause, for: asked)
            return true
        }
        guard isNews else { return }
        let facts = arrival.facts(caller)
        services.events.emit(
            Occurrence(
                event: .permissionRefused, at: services.clock.now(), actor: facts.actor(), target: nil,
                attributes: ["route": asked.route, "code": problem.kind.code], request: facts),
            log: facts.log)
    }
}

extension Event {
    /// The guide's security event.
    public static let permissionRefused = Event(
        "permission_escalation_attempts",
        "A person asked for what they may not do: told once a minute for each route", at: .notice,
        kept: .security(.security, .denied))
}
