/// The guide's caching block.
package struct CacheSettings: Sendable {
    let isEnabled: Bool
    /// Most values in a node's memory, and most bytes of them.
    let mostItems: Int
    let mostBytes: Int
    /// How often what is past its time is swept out of memory.
    let checkPeriod: Duration
    /// What seals values in Redis is derived from it.
    let secret: Secret
    private let defaultTTL: Duration?
    private let userTTL: Duration?
    private let staticTTL: Duration?

    /// The layers' own times.
    private static let memoryTTL: Duration = .seconds(300)
    private static let sharedTTL: Duration = .seconds(1_800)

    /// - Parameter secret: JWT_SECRET, which all nodes share.
    package init(_ read: inout SettingReader, secret: Secret) {
        self.secret = secret
        read.group("Cache")
        let times: ClosedRange<Duration> = .milliseconds(100)...(.seconds(86_400))
        isEnabled = read.bool(
            "CACHE_ENABLED", default: read.stage != .development,
            "Whether anything is remembered; false: each read asks the database. Unset: all stages but development.")
        mostItems = read.int("CACHE_MAX_SIZE", default: 1_000, in: 1...1_000_000, "Most values in a node's memory.")
        mostBytes = read.int(
            "CACHE_MAX_BYTES", default: 67_108_864, in: 65_536...17_179_869_184, unit: "bytes",
            "Most bytes of the values in a node's memory.")
        checkPeriod = read.milliseconds(
            "CACHE_CHECK_PERIOD", default: .seconds(60), in: .milliseconds(100)...(.seconds(3_600)),
            "How often what is past its time leaves the memory.")
        defaultTTL = read.optionalMilliseconds(
            "CACHE_TTL_DEFAULT", in: times,
            "How long values are kept of kinds that do not say it themselves; unset: 300000 in memory, 1800000 in Redis."
        )
        userTTL = read.optionalMilliseconds(
            "CACHE_TTL_USER_DATA", in: times, "How long profiles are kept; unset: 300000.")
        staticTTL = read.optionalMilliseconds(
            "CACHE_TTL_STATIC_DATA", in: times, "How long what hardly ever changes is kept; unset: 3600000.")
    }

    /// No value stands in Redis for longer: what was to be forgotten there need not be known beyond it.
    var longestTTL: Duration {
        let times = [defaultTTL, userTTL, staticTTL, CacheStrategy.staticData.ttl, Self.sharedTTL]
        return times.compactMap(\.self).max() ?? Self.sharedTTL
    }

    /// A variable that is set wins, then the strategy's own time, then the layer's (requirements 3.32); `longestTTL` at most.
    func ttl(_ strategy: CacheStrategy, shared: Bool) -> Duration {
        let own = strategy.ttl ?? defaultTTL ?? (shared ? Self.sharedTTL : Self.memoryTTL)
        let chosen =
            switch strategy.variable {
            case .userData: userTTL ?? own
            case .staticData: staticTTL ?? own
            case nil: own
            }
        return min(chosen, longestTTL)
    }
}
