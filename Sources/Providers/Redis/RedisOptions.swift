import Platform

/// How Redis is found, entered and used: what the REDIS_* settings say.
package struct RedisOptions: Sendable {
    /// One server, whoever is master by the word of Sentinels, or the masters of a cluster.
    package enum Place: Sendable, Hashable {
        case server(RedisAddress)
        /// `name` is what the Sentinels call the master.
        case sentinels([RedisAddress], name: String)
        /// Any nodes of the cluster: the others are learnt from them.
        case cluster([RedisAddress])
    }

    /// Which addresses a name may have.
    package enum Family: String, Sendable, CaseIterable {
        case v4 = "4"
        case v6 = "6"
        case any = "0"
    }

    package struct Login: Sendable, Equatable {
        /// Nil: the user `default`.
        package var user: String?
        package var password: Secret

        package init(user: String?, password: Secret) {
            self.user = user
            self.password = password
        }
    }

    package struct TLS: Sendable {
        /// A file of certificates in PEM to trust beside none other; nil: those of the system.
        package var authorities: String?

        package init(authorities: String? = nil) {
            self.authorities = authorities
        }
    }

    package var place: Place
    package var login: Login?
    /// At the Sentinels, which have users of their own.
    package var sentinelLogin: Login?
    package var tls: TLS?
    /// The database's number. A cluster has only 0.
    package var database = 0
    /// Stands before every key and channel.
    package var keyPrefix = "saas:"
    /// What `client list` shows of us: letters, digits and hyphens.
    package var clientName = "leansaas"
    /// To one server.
    package var maximumConnections = 20
    package var family = Family.v4
    /// The deadline of a command that states none.
    package var commandTimeout = Duration.milliseconds(50)
    /// From the first packet to the answer of the last command that enters.
    package var connectTimeout = Duration.seconds(2)
    /// How often a command is sent again that may be.
    package var retries = 3
    /// Between a refusal of a server that is no master now and the next attempt.
    package var retryDelay = Duration.milliseconds(100)
    /// A connection beyond the first is closed after so long without a command.
    package var idleTimeout = Duration.seconds(30)
    /// Whether one connection is kept, and asked for an answer when it was silent for `keepAliveInterval`.
    package var keepsAlive = true
    package var keepAliveInterval = Duration.seconds(10)
    /// Commands that wait or are under way, to one server. One more is refused at once.
    package var queueLimit = 10_000
    /// The same in bytes.
    package var queueByteLimit = 64 << 20
    /// Commands under way on each connection before another is made.
    package var pipelineDepth = 64
    /// Between attempts to connect: doubled each time, with jitter.
    package var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))

    package init(_ place: Place) {
        self.place = place
    }
}

/// Waits between attempts that double, spread so that many nodes do not come back in one moment.
package struct Backoff: Sendable, Hashable {
    package var first: Duration
    package var longest: Duration
    private var attempts = 0

    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// The next wait: half to all of `first` × 2^attempts, at most `longest`.
    package mutating func next(random: Double = .random(in: 0..<1)) -> Duration {
        let whole = min(first * (1 << min(attempts, 20)), longest)
        attempts += 1
        return whole * (0.5 + random / 2)
    }

    package mutating func reset() { attempts = 0 }
}
