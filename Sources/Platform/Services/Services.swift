import Logging
import Postgres

/// Everything outside of the process that verbs, jobs and checks may use. Made once by the wiring, carried by `Call`.
///
/// A class, since every request hands it on several times, and a struct of so many parts is copied part by part.
public final class Services: Sendable {
    /// PostgreSQL under the platform's own role: exact grants on the platform's tables.
    public let platform: Database
    /// The pool without any role: every use of it goes through a preamble.
    package let database: Database
    /// A standby for the reads of routes that allow it (DATABASE_REPLICA_URL).
    package let replica: Replica?
    /// Redis, when REDIS_URL or REDIS_HOST names one: shared by all nodes, and it may be gone at any moment.
    public let shared: (any SharedStore)?
    public let tokens: TokenKeys
    /// Opens and seals columns.
    public let keyRing: KeyRing
    public let clock: WallClock
    public let events: Events
    public let metrics: Metrics
    public let limits: Limits
    /// What was read a moment ago.
    public let cache: Cache
    /// What is done beside the requests.
    public let jobs: JobQueue
    /// How letters leave, and what they say.
    public let mail: Mail
    /// Where new passwords are looked up, when that is wanted.
    public let leaks: LeakedPasswords?
    /// All that the product's features declare.
    public let permissions: [Permission]
    public let log: Logger
    public let build: Build
    public let maintenance: Maintenance
    public let health: Health
    /// Whether what this node remembers may be believed.
    public let lease: Lease
    /// What was set, and where from: secrets are masked in it.
    public let settings: SettingsReport
    /// What the product says of itself.
    public let description: ProductDescription
    package let listening: DatabaseSettings

    package init(
        product: Product, apiURL: String, database: Database, listening: DatabaseSettings, tokens: TokenKeys,
        keyRing: KeyRing, clock: WallClock, metrics: Metrics, limits: LimitSettings, cache: CacheSettings,
        jobs: JobSettings, mail: Mail, log: Logger, build: Build, settings: SettingsReport, replica: Replica? = nil,
        shared: (any SharedStore)? = nil, leaks: LeakedPasswords? = nil
    ) {
        description = ProductDescription(product, version: build.version, url: apiURL)
        self.settings = settings
        self.database = database
        self.replica = replica
        self.shared = shared
        self.listening = listening
        platform = database.entering(with: Self.platformPreamble, role: DatabaseRole.platform.rawValue)
        self.tokens = tokens
        self.keyRing = keyRing
        self.clock = clock
        self.metrics = metrics
        events = Events(metrics: metrics, clock: clock, auditor: product.auditor)
        self.limits = Limits(limits, shared: shared, clock: clock, events: events, metrics: metrics, log: log)
        self.cache = Cache(cache, shared: shared, clock: clock, metrics: metrics, log: log)
        self.jobs = JobQueue(jobs, kinds: product.jobs.map(\.name))
        self.mail = mail
        self.leaks = leaks
        permissions = product.permissions
        self.log = log
        self.build = build
        maintenance = Maintenance()
        health = Health()
        metrics.observe("health") { [health] in health.samples }
        lease = Lease()
        metrics.observe("jobs") { [jobs = self.jobs] in jobs.figures.samples }
        for memory in [tokens.memory] + product.features.flatMap(\.memories) { self.cache.watch(memory) }
    }

    private static let platformPreamble: SQL = "select set_config('role', 'lean_platform', true)"
}
