/// How a kind of value is kept: how long, and by whom. Declared by the feature that reads it.
///
/// The guide's four are below. `subscription_data` and `api_keys` wait for the features that sell and that hand out
/// keys, `static_data` for what is read from tables and hardly ever changes.
public struct CacheStrategy: Sendable, Hashable {
    /// Who keeps the values.
    public enum Layers: String, Sendable {
        /// Each node in its own memory.
        case memory
        /// All nodes together, in Redis; without Redis nobody does.
        case shared
        case both
    }

    /// Lower case and underscores: `user_profile`. Shown in metrics.
    public let name: String
    /// Nil: the layers' own times, CACHE_TTL_DEFAULT if it is set. No more than the longest of the guide's, an hour unless a
    /// CACHE_TTL_* is longer.
    public let ttl: Duration?
    public let layers: Layers
    /// How long after its time a value is still given while a new one is on its way.
    public let stale: Duration
    /// How long it is remembered that there is none; zero: never.
    public let absent: Duration
    /// The variable that sets another time.
    let variable: Variable?

    /// The guide's variables for kinds of values.
    enum Variable: Sendable { case userData, staticData }

    public init(
        _ name: String, ttl: Duration? = nil, _ layers: Layers, stale: Duration = .zero, absent: Duration = .zero
    ) {
        self.init(name, ttl: ttl, layers, stale: stale, absent: absent, variable: nil)
    }

    private init(
        _ name: String, ttl: Duration?, _ layers: Layers, stale: Duration, absent: Duration, variable: Variable?
    ) {
        self.name = name
        self.ttl = ttl
        self.layers = layers
        self.stale = stale
        self.absent = absent
        self.variable = variable
    }
}

/// The production guide's table.
extension CacheStrategy {
    public static let userProfile = CacheStrategy(
        "user_profile", ttl: .seconds(300), .both, stale: .seconds(30), absent: .seconds(10), variable: .userData)
    public static let subscriptionData = CacheStrategy(
        "subscription_data", ttl: .seconds(300), .shared, stale: .zero, absent: .seconds(10), variable: nil)
    public static let apiKeys = CacheStrategy(
        "api_keys", ttl: .seconds(600), .both, stale: .zero, absent: .seconds(10), variable: nil)
    public static let staticData = CacheStrategy(
        "static_data", ttl: .seconds(3_600), .both, stale: .seconds(300), absent: .seconds(60), variable: .staticData)
}
