import HTTPTypes

/// A verb that a feature serves at `/functions/v1/<feature>_<name>`.
public struct Function: Sendable {
    let name: String
    let route: @Sendable (_ path: String) -> Route

    private init<Granted, In: RequestInput, Out: Answerable>(
        _ method: HTTPRequest.Method, _ name: String, _ access: Access<Granted>, _ summary: String,
        _ fails: [ProblemKind], _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) {
        self.name = name
        route = { Route(method, $0, access, summary, fails: fails, verb) }
    }

    private init(name: String, route: @escaping @Sendable (String) -> Route) {
        self.name = name
        self.route = route
    }

    public static func get<Granted, In: RequestInput, Out: Answerable>(
        _ name: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Function {
        Function(.get, name, access, summary, fails, verb)
    }

    public static func post<Granted, In: RequestInput, Out: Answerable>(
        _ name: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Function {
        Function(.post, name, access, summary, fails, verb)
    }

    public static func put<Granted, In: RequestInput, Out: Answerable>(
        _ name: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Function {
        Function(.put, name, access, summary, fails, verb)
    }

    public static func delete<Granted, In: RequestInput, Out: Answerable>(
        _ name: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Function {
        Function(.delete, name, access, summary, fails, verb)
    }

    /// The same function, of which this is what it answers.
    public func answers(_ success: Success) -> Function {
        Function(name: name) { route($0).answers(success) }
    }

    /// The same function, whose `call.database` only reads, and may read from a standby: see `Route.fromReplica`.
    public func fromReplica() -> Function {
        Function(name: name) { route($0).fromReplica() }
    }

    /// The same function, whose verb itself looks at a token: see `Route.checks`.
    public func checks(_ token: OwnToken, isNeeded: Bool, _ access: String) -> Function {
        Function(name: name) { route($0).checks(token, isNeeded: isNeeded, access) }
    }

    /// The same function, counted by limits too: see `Route.limited`.
    public func limited(by limits: Limit...) -> Function {
        Function(name: name) { path in limits.reduce(route(path)) { $0.limited(by: $1) } }
    }

    /// The same function, of which one request counts as so many API calls.
    public func costs(_ calls: Int) -> Function {
        Function(name: name) { route($0).costs(calls) }
    }

    /// The same function, whose requests are no API calls.
    public func uncounted() -> Function {
        Function(name: name) { route($0).uncounted() }
    }

    /// The same function, open also during maintenance.
    public func duringMaintenance() -> Function {
        Function(name: name) { route($0).duringMaintenance() }
    }
}
