import Codecs
import HTTPTypes
import HummingbirdCore
import Logging
import Postgres

/// The path of a request, from the first byte of its head to the last of its answer. Read it top to bottom.
final class Pipeline: Sendable {
    let routes: RouteTable
    let authenticator: Authenticator
    let services: Services
    let edge: Edge
    private let refusals: Refusals

    init(routes: RouteTable, authenticator: Authenticator, services: Services, edge: Edge) {
        self.routes = routes
        self.authenticator = authenticator
        self.services = services
        self.edge = edge
        refusals = Refusals(services)
    }

    /// Never throws: whatever happens becomes an answer with all of the edge's headers.
    func respond(to request: Request, from peer: Peer) async -> Response {
        let arrival = Arrival(request, peer, edge.forwarding, services.log)
        let (answer, entry, caller) = await answer(request, arrival)
        let slot = entry?.metrics ?? routes.unmatched
        let seconds = (ContinuousClock.now - arrival.time).inSeconds
        slot.record(status: answer.status, seconds: seconds)
        edge.log.finished(arrival, answer, route: entry?.route.path, caller: caller, seconds: seconds)
        return edge.response(answer, arrival)
    }

    private func answer(_ request: Request, _ arrival: Arrival) async -> (Answer, RouteTable.Entry?, Caller) {
        if let elsewhere = edge.redirect(arrival, query: request.uri.query) { return (elsewhere, nil, .visitor) }
        if arrival.method == .options { return (preflight(arrival), nil, .visitor) }
        var caller = Caller.visitor
        switch routes.match(arrival.method, arrival.path) {
        case .none:
            return (refuse(Problem(.notFound), arrival), nil, caller)
        case .wrongMethod(let allowed):
            var answer = refuse(Problem(.methodNotAllowed), arrival)
            answer.headers.append((.allow, allowed.map(\.rawValue).joined(separator: ", ")))
            return (answer, nil, caller)
        case .found(let entry):
            let limits = entry.limits.map { RequestLimits($0, services.limits, arrival) }
            var answer: Answer
            do {
                let route = entry.route
                if route.authenticates { caller = try await authenticate(arrival, limits) }
                try checkMaintenance(route, caller)
                if let limits, try !limits.entersAtOnce(caller) { try await limits.enter(caller) }
                try route.admit(caller)
                let fields = try await InputReader(edge: edge).read(request, for: route)
                let (database, platform) = databases(for: caller)
                let incoming = IncomingCall(
                    caller: caller, fields: fields, facts: arrival.facts(caller), services: services,
                    database: reading(route, caller, database), platform: platform, forget: forgetting(caller),
                    limits: limits)
                answer = try await route.respond(incoming)
            } catch {
                forgetIfRefused(caller, error)
                let problem = Problem(error)
                refusals.note(problem, entry.route, caller, arrival)
                answer = refuse(problem, arrival)
            }
            if let limits, !limits.show(in: &answer) { await limits.settle(status: answer.status) }
            return (answer, entry, caller)
        }
    }

    // MARK: - The steps

    private func preflight(_ arrival: Arrival) -> Answer {
        guard let methods = routes.methods(arrival.path) else { return refuse(Problem(.notFound), arrival) }
        return Answer(status: 200, headers: edge.cors.preflight(methods: methods))
    }

    /// Who shows credentials that are not good is a visitor to the limits: guessing them counts too.
    private func authenticate(_ arrival: Arrival, _ limits: RequestLimits?) async throws -> Caller {
        do {
            return try await authenticator.authenticate(arrival.credentials, services)
        } catch {
            try await limits?.enter(.visitor)
            throw error
        }
    }

    private func checkMaintenance(_ route: Route, _ caller: Caller) throws(Problem) {
        guard route.stopsForMaintenance, let notice = services.maintenance.notice else { return }
        if case .person(let principal) = caller, principal.isOperator { return }
        if case .service = caller { return }
        throw Problem(.maintenance, notice, retryAfterSeconds: 120)
    }

    private func forgetting(_ caller: Caller) -> @Sendable () -> Void {
        guard case .person(let principal) = caller else { return {} }
        return { [authenticator] in authenticator.forget(principal) }
    }

    private func forgetIfRefused(_ caller: Caller, _ error: any Error) {
        guard case .person(let principal) = caller, case DatabaseError.server(let refusal) = error else { return }
        if refusal.state == .sessionEnded || refusal.state == .roleChanged { authenticator.forget(principal) }
    }

    /// PostgreSQL for the caller: under a role of requests, and under the platform's own, which for a person checks the
    /// session just the same.
    private func databases(for caller: Caller) -> (own: Database, platform: Database) {
        switch caller {
        case .visitor:
            let preamble: SQL = "select set_config('role', 'anon', true)"
            return (services.database.entering(with: preamble, role: DatabaseRole.anon.rawValue), services.platform)
        case .person(let principal):
            let identity = authenticator.identity(principal)
            return (
                services.database.entering(
                    with: "select \(identity), set_config('role', 'authenticated', true)",
                    role: DatabaseRole.authenticated.rawValue),
                services.database.entering(
                    with: "select \(identity), set_config('role', 'lean_platform', true)",
                    role: DatabaseRole.platform.rawValue)
            )
        case .service(let service):
            let preamble: SQL = """
                select set_config('request.jwt.claims', \(service.claims.text), true),
                       set_config('role', 'service_role', true)
                """
            return (services.database.entering(with: preamble, role: DatabaseRole.service.rawValue), services.platform)
        }
    }

    /// A standby may know less of sessions than it should: a person's is taken from it only while this node's own knowledge,
    /// which authenticated the request, is under the lease.
    private func reading(_ route: Route, _ caller: Caller, _ database: Database) -> Database {
        guard route.readsReplica else { return database }
        guard case .person = caller else { return database.reading(from: services.replica) { true } }
        let lease = services.lease
        return database.reading(from: services.replica) { lease.isCurrent }
    }

    private func refuse(_ problem: Problem, _ arrival: Arrival) -> Answer {
        edge.log.refused(arrival, problem)
        let surface = Surface(path: arrival.path)
        return problem.answer(
            on: surface, requestID: arrival.id, at: services.clock.now(), headers: arrival.headers,
            in: surface == .page ? house(of: arrival) : .none)
    }

    private func house(of arrival: Arrival) -> House {
        let showsPage = routes.methods(arrival.path)?.contains(.get) ?? false
        return House(services.mail.letters, form: showsPage ? arrival.path : nil)
    }
}
