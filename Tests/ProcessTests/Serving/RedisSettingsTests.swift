import Platform
import Providers
import Testing

@testable import LeanSaaS

/// What the REDIS_* settings make of each other.
@Suite struct RedisSettingsTests {
    private struct Outcome {
        let options: RedisOptions?
        let problems: [String]
    }

    private static func read(_ settings: [String: String], in stage: Stage = .development) -> Outcome {
        struct NoFile: Error {}
        let environment = settings.merging(["NODE_ENV": stage.rawValue]) { $1 }
        var read = SettingReader(
            sources: SettingSources(environment: environment, dotenv: nil, toml: nil) { _ in throw NoFile() })
        let options = RedisSettings(&read).options
        return Outcome(
            options: options, problems: read.report().problems(for: stage).map { "\($0.name) \($0.message)" })
    }

    @Test func `without an address there is none, and the figures are the guide's where nothing is set`() throws {
        #expect(Self.read([:]).options == nil)
        #expect(Self.read([:]).problems == [])
        let options = try #require(Self.read(["REDIS_HOST": "127.0.0.1"]).options)
        #expect(options.place == .server(.host("127.0.0.1", port: 6_379)))
        #expect(options.database == 0)
        #expect(options.maximumConnections == 20)
        #expect(options.retries == 3)
        #expect(options.retryDelay == .milliseconds(100))
        #expect(options.family == .v4)
        #expect(options.keepsAlive)
        #expect(options.idleTimeout == .milliseconds(30_000))
        #expect(options.keyPrefix == "saas:")
        #expect(options.tls == nil)
    }

    @Test func `every figure is heard`() throws {
        let outcome = Self.read([
            "REDIS_URL": "rediss://ann:a%3Ab@redis.internal:7000/3", "REDIS_MAX_CONNECTIONS": "4",
            "REDIS_MAX_RETRIES_PER_REQUEST": "1", "REDIS_RETRY_DELAY_ON_FAILOVER": "250", "REDIS_FAMILY": "6",
            "REDIS_KEEP_ALIVE": "false", "REDIS_MAX_IDLE_TIME": "5000", "REDIS_KEY_PREFIX": "mine:",
            "REDIS_COMMAND_TIMEOUT": "75", "REDIS_CONNECT_TIMEOUT": "900", "REDIS_MAX_QUEUE": "55",
            "REDIS_TLS_CA_FILE": "/etc/ca.pem",
        ])
        #expect(outcome.problems == [])
        let options = try #require(outcome.options)
        #expect(options.place == .server(.host("redis.internal", port: 7_000)))
        #expect(options.login == .init(user: "ann", password: Secret("a:b")))
        #expect(options.database == 3)
        #expect(options.maximumConnections == 4)
        #expect(options.retries == 1)
        #expect(options.retryDelay == .milliseconds(250))
        #expect(options.family == .v6)
        #expect(!options.keepsAlive)
        #expect(options.idleTimeout == .seconds(5))
        #expect(options.keyPrefix == "mine:")
        #expect(options.commandTimeout == .milliseconds(75))
        #expect(options.connectTimeout == .milliseconds(900))
        #expect(options.queueLimit == 55)
        #expect(options.tls?.authorities == "/etc/ca.pem")
    }

    /// The guide's environment sets the one and its cache reads the other.
    @Test(arguments: [
        ("redis://10.0.0.1:6379/2", "10.0.0.1", "6379", true), ("redis://10.0.0.1:6380/2", "10.0.0.1", "6380", true),
        ("redis://10.0.0.1:6380/2", "10.0.0.1", "6379", false), ("redis://10.0.0.1/2", "10.0.0.2", "6379", false),
        ("unix:///run/redis.sock?db=2", "localhost", "6379", false),
    ])
    func `REDIS_URL and REDIS_HOST may both be set, to the same`(
        _ url: String, _ host: String, _ port: String, _ isFine: Bool
    ) throws {
        let outcome = Self.read(["REDIS_URL": url, "REDIS_HOST": host, "REDIS_PORT": port, "REDIS_PASSWORD": "sesame"])
        #expect(outcome.problems == (isFine ? [] : ["REDIS_HOST with REDIS_PORT names another Redis than REDIS_URL"]))
        let options = try #require(outcome.options)
        #expect(options.database == 2, "REDIS_URL says the rest")
        #expect(options.login?.password.reveal() == "sesame")
    }

    @Test(arguments: [
        (["REDIS_URL": "http://a"], "REDIS_URL is no address of Redis"),
        (["REDIS_HOST": "redis://a"], "REDIS_HOST is no host"),
        (["REDIS_URL": "redis://:a@b", "REDIS_PASSWORD": "c"], "REDIS_PASSWORD differs from the one in REDIS_URL"),
        (["REDIS_URL": "redis://a,b"], "REDIS_URL names several hosts, and REDIS_CLUSTER is off"),
        (["REDIS_URL": "redis://a/1", "REDIS_CLUSTER": "true"], "REDIS_DB must be 0: a cluster has no other"),
        (["REDIS_URL": "redis://ann@a"], "REDIS_PASSWORD is missing for the user that is named"),
        (["REDIS_SENTINELS": "a b"], "REDIS_SENTINELS names what is no host"),
        (
            ["REDIS_SENTINELS": "a", "REDIS_HOST": "b"],
            "REDIS_SENTINELS and an address or a cluster are both set"
        ),
    ])
    func `what does not fit is told by its name`(_ settings: [String: String], _ problem: String) {
        #expect(Self.read(settings).problems.contains(problem), "\(Self.read(settings).problems)")
    }

    @Test func `in production a Redis elsewhere wants a password`() {
        let open = ["REDIS_HOST": "redis.internal"]
        #expect(Self.read(open).problems == [])
        #expect(Self.read(open, in: .production).problems.contains { $0.hasPrefix("REDIS_PASSWORD must be set") })
        #expect(Self.read(["REDIS_HOST": "127.0.0.1"], in: .production).problems == [])
    }
}
