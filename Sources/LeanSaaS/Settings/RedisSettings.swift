import Platform
import Providers

/// Where Redis is, and how it is used; nothing when no setting names one.
struct RedisSettings: Sendable {
    let options: RedisOptions?

    init(_ read: inout SettingReader) {
        read.group("Redis")
        let place = Self.place(&read)
        let figures = Self.figures(&read)
        guard let place else {
            options = nil
            return
        }
        var options = figures(RedisOptions(place.place))
        options.login = place.login
        options.sentinelLogin = place.sentinelLogin
        options.tls = place.tls
        options.database = place.database
        self.options = options
        place.check(&read)
    }

    private static func place(_ read: inout SettingReader) -> RedisPlace? {
        let url = read.secret(
            "REDIS_URL", need: .optional,
            "`redis://user:password@host:6379/0`, or `rediss://` for TLS, or `unix:///path`. Without it and REDIS_HOST "
                + "each node limits by itself.")
        let host = read.string("REDIS_HOST", default: "", "Redis' host, where REDIS_URL does not name it.")
        let port = read.int("REDIS_PORT", default: 6_379, in: 1...65_535, "Redis' port, with REDIS_HOST.")
        let user = read.string("REDIS_USERNAME", default: "", "User of Redis' access lists. Empty: `default`.")
        let password = read.secret("REDIS_PASSWORD", need: .optional, "Password of that user.")
        let database = read.int("REDIS_DB", default: 0, in: 0...99_999, "Number of the database.")
        let tls = read.bool("REDIS_TLS", default: false, "TLS with REDIS_HOST or Sentinels; `rediss://` says it too.")
        let authorities = read.string(
            "REDIS_TLS_CA_FILE", default: "", "PEM file of the authorities that Redis' certificate is checked against.")
        let cluster = read.bool(
            "REDIS_CLUSTER", default: false,
            "Whether it is a cluster. REDIS_URL may then name several hosts: `a:6379,b:6379`.")
        let sentinels = SentinelSettings(&read)

        let parsed = url.flatMap { RedisURL($0.reveal()) }
        if url != nil, parsed == nil {
            read.problem(
                "REDIS_URL", "is no address of Redis", fix: "Write it as redis://user:password@host:6379/0.")
        }
        let fromHost = RedisAddress(host, defaultPort: port).map { [$0] } ?? []
        if let named = fromHost.first, let addresses = parsed?.addresses, !addresses.contains(named) {
            read.problem(
                "REDIS_HOST", "with REDIS_PORT names another Redis than REDIS_URL", fix: "Set one of them, or the same."
            )
        }
        if let told = parsed?.password, let password, told != password.reveal() {
            read.problem("REDIS_PASSWORD", "differs from the one in REDIS_URL", fix: "Set it in one of them.")
        }
        if !host.isEmpty, fromHost.isEmpty {
            read.problem("REDIS_HOST", "is no host", fix: "Set it to a name or an address, without a scheme.")
        }
        let addresses = parsed?.addresses ?? fromHost
        guard !addresses.isEmpty || !sentinels.addresses.isEmpty else { return nil }
        return RedisPlace(
            addresses: addresses, sentinels: sentinels, isCluster: cluster,
            user: parsed?.user ?? (user.isEmpty ? nil : user),
            password: parsed?.password.map { Secret($0) } ?? password, database: parsed?.database ?? database,
            tls: tls || parsed?.isSecure == true
                ? RedisOptions.TLS(authorities: authorities.isEmpty ? nil : authorities) : nil)
    }

    private static func figures(_ read: inout SettingReader) -> (RedisOptions) -> RedisOptions {
        let prefix = read.string(
            "REDIS_KEY_PREFIX", default: "saas:",
            "Stands before every key and channel. Products that share a Redis differ in it.")
        let connections = read.int(
            "REDIS_MAX_CONNECTIONS", default: 20, in: 1...1_000, "Most connections to one server.")
        let family = read.choice(
            "REDIS_FAMILY", default: RedisOptions.Family.v4,
            "Addresses that the host's name may have: 4, 6, or 0 for both.")
        let timeout = read.milliseconds(
            "REDIS_COMMAND_TIMEOUT", default: .milliseconds(50), in: .milliseconds(1)...(.seconds(10)),
            "The longest that a request waits for an answer.")
        let connectTimeout = read.milliseconds(
            "REDIS_CONNECT_TIMEOUT", default: .seconds(2), in: .milliseconds(50)...(.seconds(30)),
            "The longest that connecting takes.")
        let retries = read.int(
            "REDIS_MAX_RETRIES_PER_REQUEST", default: 3, in: 0...20, "How often a command that may be repeated is.")
        let delay = read.milliseconds(
            "REDIS_RETRY_DELAY_ON_FAILOVER", default: .milliseconds(100), in: .milliseconds(1)...(.seconds(10)),
            "Wait before the next attempt while another server becomes master; the command's deadline stands.")
        let keepAlive = read.bool(
            "REDIS_KEEP_ALIVE", default: true,
            "Whether a connection is kept and asked for an answer while nobody uses it.")
        let idle = read.milliseconds(
            "REDIS_MAX_IDLE_TIME", default: .seconds(30), in: .seconds(1)...(.seconds(3_600)),
            "An unused connection is closed after so long.")
        let queue = read.int(
            "REDIS_MAX_QUEUE", default: 10_000, in: 1...1_000_000, "Most commands under way to one server.")
        return { options in
            var options = options
            options.keyPrefix = prefix
            options.maximumConnections = connections
            options.family = family
            options.commandTimeout = timeout
            options.connectTimeout = connectTimeout
            options.retries = retries
            options.retryDelay = delay
            options.keepsAlive = keepAlive
            options.idleTimeout = idle
            options.queueLimit = queue
            return options
        }
    }
}

/// The Sentinels that name the master.
struct SentinelSettings: Sendable {
    let addresses: [RedisAddress]
    let master: String
    let login: RedisOptions.Login?

    init(_ read: inout SettingReader) {
        let hosts = read.list(
            "REDIS_SENTINELS", default: [],
            "Sentinels that name the master, as `host:26379`, instead of an address of Redis.")
        master = read.string("REDIS_SENTINEL_MASTER", default: "mymaster", "What the Sentinels call it.")
        let user = read.string("REDIS_SENTINEL_USERNAME", default: "", "User at the Sentinels. Empty: `default`.")
        let password = read.secret("REDIS_SENTINEL_PASSWORD", need: .optional, "Password at the Sentinels.")
        addresses = hosts.compactMap { RedisAddress($0, defaultPort: 26_379) }
        login = password.map { RedisOptions.Login(user: user.isEmpty ? nil : user, password: $0) }
        if addresses.count != hosts.count {
            read.problem("REDIS_SENTINELS", "names what is no host", fix: "Write them as host:26379, with commas.")
        }
    }
}

/// What the settings together say of the place.
private struct RedisPlace {
    let addresses: [RedisAddress]
    let sentinels: SentinelSettings
    let isCluster: Bool
    let user: String?
    let password: Secret?
    let database: Int
    let tls: RedisOptions.TLS?

    var place: RedisOptions.Place {
        if !sentinels.addresses.isEmpty { return .sentinels(sentinels.addresses, name: sentinels.master) }
        return isCluster ? .cluster(addresses) : .server(addresses[0])
    }

    var login: RedisOptions.Login? { password.map { RedisOptions.Login(user: user, password: $0) } }
    var sentinelLogin: RedisOptions.Login? { sentinels.login }

    func check(_ read: inout SettingReader) {
        if !sentinels.addresses.isEmpty, !addresses.isEmpty || isCluster {
            read.problem(
                "REDIS_SENTINELS", "and an address or a cluster are both set", fix: "Set one of them.")
        }
        if !isCluster, addresses.count > 1 {
            read.problem(
                "REDIS_URL", "names several hosts, and REDIS_CLUSTER is off",
                fix: "Name one, or set REDIS_CLUSTER=true.")
        }
        if isCluster, database != 0 {
            read.problem("REDIS_DB", "must be 0: a cluster has no other", fix: "Set it to 0.")
        }
        if user != nil, password == nil {
            read.problem("REDIS_PASSWORD", "is missing for the user that is named", fix: "Set it.")
        }
        let isAway = (addresses + sentinels.addresses).contains { !$0.isLocal }
        guard isAway else { return }
        if password == nil {
            read.problem(
                "REDIS_PASSWORD", "must be set: whoever reaches Redis could read and change what it holds",
                fix: "Give Redis a password, and set it here.", onlyIn: [.production])
        }
        if tls == nil {
            read.advice("REDIS_URL", "is not encrypted; `rediss://` is.")
        }
    }
}
