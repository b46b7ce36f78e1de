/// A part of the product, as a value that declares what it adds. Declaring does no I/O.
///
/// The server, the migrations, the permission table and the docs are all made from the same list of features.
public struct Feature: Sendable {
    /// Lower case, also the prefix of its functions: `notes`.
    public let name: String
    /// Names of features that must stand before it in the list.
    public let needs: [String]
    public let routes: [Route]
    public let schema: Schema
    public let jobs: [Job]
    public let commands: [Command]
    public let permissions: [Permission]
    public let events: [Event]
    public let checks: [HealthCheck]
    public let subscriptions: [Subscription]
    /// Figures that are read when the metrics are.
    public let gauges: [Gauge]
    /// Its kinds of letters.
    public let letters: [LetterKind]
    /// What it remembers beside the cache.
    public let memories: [WatchedMemory]
    /// How what happened is kept. At most one feature of a product says so.
    public let auditor: Auditor?
    /// How credentials become a caller. Exactly one feature of a product says so.
    public let authenticator: Authenticator?
    /// What runs beside the requests as long as the server does.
    public let background: [BackgroundService]

    public init(
        name: String,
        needs: [String] = [],
        functions: [Function] = [],
        routes: [Route] = [],
        schema: Schema = Schema(),
        jobs: [Job] = [],
        commands: [Command] = [],
        permissions: [Permission] = [],
        events: [Event] = [],
        checks: [HealthCheck] = [],
        subscriptions: [Subscription] = [],
        gauges: [Gauge] = [],
        letters: [LetterKind] = [],
        memories: [WatchedMemory] = [],
        auditor: Auditor? = nil,
        authenticator: Authenticator? = nil,
        background: [BackgroundService] = []
    ) {
        self.name = name
        self.needs = needs
        self.schema = schema
        self.jobs = jobs
        self.commands = commands
        self.permissions = permissions
        self.events = events
        self.checks = checks
        self.subscriptions = subscriptions
        self.gauges = gauges
        self.letters = letters
        self.memories = memories
        self.auditor = auditor
        self.authenticator = authenticator
        self.background = background
        self.routes = (functions.map { $0.route("/functions/v1/\(name)_\($0.name)") } + routes).map { route in
            var route = route
            route.feature = name
            return route
        }
    }
}

/// Something that runs until the server stops, as a listener or a sampler. It returns when its task is cancelled.
public struct BackgroundService: Sendable {
    public let name: String
    package let run: @Sendable (Services) async -> Void

    public init(_ name: String, _ run: @escaping @Sendable (Services) async -> Void) {
        self.name = name
        self.run = run
    }
}

/// Figures that a feature reads when somebody asks for the metrics: a round trip at most, and nothing when it fails.
public struct Gauge: Sendable {
    public let name: String
    package let read: @Sendable (Services) async throws -> [Metrics.Sample]

    public init(_ name: String, _ read: @escaping @Sendable (Services) async throws -> [Metrics.Sample]) {
        self.name = name
        self.read = read
    }
}
