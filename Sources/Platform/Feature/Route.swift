import HTTPTypes
import Postgres

/// A verb at an address. Made by `Route.get` and the like, or from a feature's functions.
public struct Route: Sendable {
    public let method: HTTPRequest.Method
    /// Segments in braces take any one segment: `/auth/v1/factors/{id}`.
    public let path: String
    public let summary: String
    /// Who may call it, in words.
    public let accessName: String
    public let permission: Permission?
    public let authenticates: Bool
    public let surface: Surface
    /// What it refuses with, beside what any route can.
    public let fails: [ProblemKind]
    public let inputs: [RouteField]
    /// The body, when it is taken byte for byte.
    public let rawBody: RawBody?
    /// What it answers when all goes well. Nil: nobody has said so, which the tests refuse.
    public internal(set) var success: Success?
    /// False for what must answer also during maintenance: health, metrics, sign-in of operators.
    public internal(set) var stopsForMaintenance = true
    /// Whether `call.database` may be a standby's, at most DATABASE_REPLICA_MAX_LAG old.
    public internal(set) var readsReplica = false
    public internal(set) var feature = ""
    /// Its `operationId`, where the address makes a bad one.
    public internal(set) var name: String?
    /// A token that the verb itself looks at.
    public internal(set) var ownToken: OwnToken.Use?
    /// The limits that it names, beside those of every API call.
    public internal(set) var limits: [Limit] = []
    /// Whether its requests count as API calls (requirements 3.19).
    public internal(set) var isCounted: Bool
    /// How many API calls one request counts as.
    public internal(set) var cost = 1

    /// The access rule alone: checked before the body is read.
    let admit: @Sendable (Caller) throws(Problem) -> Void
    let respond: @Sendable (IncomingCall) async throws -> Answer

    /// The same route, of which this is what it answers: for verbs that make their answer themselves.
    public func answers(_ success: Success) -> Route {
        var route = self
        route.success = success
        return route
    }

    /// The same route, open also during maintenance.
    public func duringMaintenance() -> Route {
        var route = self
        route.stopsForMaintenance = false
        return route
    }

    /// The same route, under this name in generated clients: lower case with `_`, one of its kind in the product.
    public func named(_ name: String) -> Route {
        var route = self
        route.name = name
        return route
    }

    /// The same route, whose verb itself looks at a token that no caller of the product has.
    ///
    /// - Parameters:
    ///   - isNeeded: false: without it there is an answer too.
    ///   - access: the docs' sentence on who may call the route.
    public func checks(_ token: OwnToken, isNeeded: Bool, _ access: String) -> Route {
        var route = self
        route.ownToken = OwnToken.Use(token: token, isNeeded: isNeeded, access: access)
        return route
    }
}

/// A bearer token beside the callers' own, which a verb checks itself; the docs name it.
public struct OwnToken: Hashable, Sendable {
    /// As OpenAPI's security schemes are named: `metricsToken`.
    public let name: String
    public let doc: String

    public init(_ name: String, _ doc: String) {
        self.name = name
        self.doc = doc
    }

    /// What it is for on one route.
    public struct Use: Sendable {
        public let token: OwnToken
        public let isNeeded: Bool
        let access: String
    }
}

extension Route {
    /// The same route, whose `call.database` only reads, and may read from a standby: for answers that may be as old as
    /// DATABASE_REPLICA_MAX_LAG. Without DATABASE_REPLICA_URL the primary answers; a statement that writes fails either way.
    public func fromReplica() -> Route {
        var route = self
        route.readsReplica = true
        return route
    }
}

/// A field of a route's input and where it stands in the request.
public struct RouteField: Sendable {
    public let name: String
    public let place: FieldPlace
    public let schema: FieldSchema
}

/// A request on its way to a route: authenticated, its fields not yet read into the verb's input.
struct IncomingCall: Sendable {
    let caller: Caller
    let fields: InputSource
    let facts: RequestFacts
    let services: Services
    let database: Database
    let platform: Database
    let forget: @Sendable () -> Void
    let limits: RequestLimits?
}

extension Route {
    /// The general form: the others are this one with a method.
    public init<Granted, In: RequestInput, Out: Answerable>(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access<Granted>, _ summary: String,
        fails: [ProblemKind] = [], _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.fails = fails
        accessName = access.name
        permission = access.permission
        authenticates = access.authenticates
        surface = Surface(path: path)
        isCounted = surface == .functions
        let usual: FieldPlace = method.takesBody ? .body : .query
        inputs = In.input.entries.map { RouteField(name: $0.name, place: $0.schema.place ?? usual, schema: $0.schema) }
        rawBody = In.input.raw
        success = Out.success
        admit = { (caller: Caller) throws(Problem) in _ = try access.admit(caller) }
        respond = { incoming in
            let granted = try access.admit(incoming.caller)
            let input = try In.input.value(from: incoming.fields)
            let call = Call(
                caller: granted, input: input, request: incoming.facts, services: incoming.services,
                database: incoming.database, platform: incoming.platform, forget: incoming.forget,
                limits: incoming.limits)
            return try await verb(call).answer
        }
    }

    public static func get<Granted, In: RequestInput, Out: Answerable>(
        _ path: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Route {
        Route(.get, path, access, summary, fails: fails, verb)
    }

    public static func post<Granted, In: RequestInput, Out: Answerable>(
        _ path: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Route {
        Route(.post, path, access, summary, fails: fails, verb)
    }

    public static func put<Granted, In: RequestInput, Out: Answerable>(
        _ path: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Route {
        Route(.put, path, access, summary, fails: fails, verb)
    }

    public static func patch<Granted, In: RequestInput, Out: Answerable>(
        _ path: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Route {
        Route(.patch, path, access, summary, fails: fails, verb)
    }

    public static func delete<Granted, In: RequestInput, Out: Answerable>(
        _ path: String, _ access: Access<Granted>, _ summary: String, fails: [ProblemKind] = [],
        _ verb: @escaping @Sendable (Call<Granted, In>) async throws -> Out
    ) -> Route {
        Route(.delete, path, access, summary, fails: fails, verb)
    }
}

extension Route {
    /// A page for people, or a file that pages load: of no interest to who reads about the API.
    var isAsset: Bool { path.hasPrefix("/assets/") || surface == .page }

    /// Whether any of its fields stands in the body, as JSON.
    var readsBody: Bool { inputs.contains { $0.place == .body } }
}

extension HTTPRequest.Method {
    /// Whether the input stands in the body; otherwise it stands in the query.
    var takesBody: Bool {
        self == .post || self == .put || self == .patch
    }
}
