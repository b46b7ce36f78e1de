/// How often something may be done: declared by its feature, and named on every route that does that thing.
///
///     .post("/auth/v1/signup", .public, "Make an account", signUp).limited(by: .register, .auth)
///
/// The guide's own limits are below. A feature may declare more.
public struct Limit: Hashable, Sendable {
    /// What is counted together.
    public enum Scope: Sendable {
        /// The person who is signed in; a visitor's address.
        case caller
        /// The client's address, whoever it is: of IPv6 the /64.
        case address
        /// One account as tried from one address. The verb names the account, with `call.attempt(on:)`: strangers at other
        /// addresses cannot lock its owner out.
        case accountAtAddress
        /// One account, from wherever it is tried. The verb asks it by itself, with `call.mayTry(_:)`: being refused must not lock
        /// the owner out, so something else than the password has to do then.
        case account
    }

    /// Which requests use it up.
    public enum Counting: Sendable {
        case all
        /// Those that were refused with a 4xx. (The guide's skipSuccessfulRequests.)
        case failures
        /// Those that went well. (The guide's skipFailedRequests.)
        case successes
    }

    /// `/auth/login`. Shown to clients, in metrics and events; counts go by it, also across nodes of two versions.
    public let name: String
    /// Most requests within the window.
    public let most: Int
    public let window: Duration
    /// How long all is refused once it was exceeded; nil: until the window lets more in. At least the window.
    public let block: Duration?
    public let scope: Scope
    public private(set) var counting: Counting
    /// Whether RATE_LIMIT_BURST_MULTIPLIER applies: to the environment's limits per minute.
    public let allowsBursts: Bool
    /// With RATE_LIMIT_STRICT: refused with 503 while the store that all nodes share is gone, since each node by itself would
    /// let as many through again.
    public let closesWithoutStore: Bool

    /// - Parameters:
    ///   - most: 1 or more.
    ///   - window: 1 second to 1 day.
    public init(
        _ name: String, _ most: Int, per window: Duration, block: Duration? = nil, by scope: Scope = .caller,
        counting: Counting = .all, allowsBursts: Bool = false, closesWithoutStore: Bool = false
    ) {
        precondition(most > 0, "a limit lets something in")
        precondition(window >= .seconds(1) && window <= .seconds(86_400), "a window is 1 second to 1 day")
        precondition(block.map { $0 >= window } ?? true, "a block ends no sooner than the window that it follows")
        self.name = name
        self.most = most
        self.window = window
        self.block = block
        self.scope = scope
        self.counting = counting
        self.allowsBursts = allowsBursts
        self.closesWithoutStore = closesWithoutStore
    }

    func counting(_ counting: Counting) -> Limit {
        var limit = self
        limit.counting = counting
        return limit
    }
}

/// The production guide's table.
extension Limit {
    /// Wrong passwords for one account from one address.
    public static let login = Limit(
        "/auth/login", 5, per: .seconds(60), block: .seconds(900), by: .accountAtAddress, counting: .failures,
        closesWithoutStore: true)
    /// Wrong passwords for one account from all addresses together that it is not known to be used from.
    public static let account = Limit("/auth/account", 50, per: .seconds(3_600), by: .account, counting: .failures)
    /// Wrong codes of letters for one account, and wrong passwords where one is changed, from all addresses together. Not counted
    /// with passwords: what a stranger has used up must not keep from the way back in.
    public static let code = Limit("/auth/code", 50, per: .seconds(3_600), by: .account, counting: .failures)
    /// New accounts from one address.
    public static let register = Limit(
        "/auth/register", 3, per: .seconds(3_600), block: .seconds(3_600), by: .address, closesWithoutStore: true)
    public static let createAPIKey = Limit(
        "/api-keys/create", 10, per: .seconds(300), block: .seconds(3_600))
    public static let checkout = Limit(
        "/billing/checkout", 3, per: .seconds(60), block: .seconds(300))

    /// RATE_LIMIT_AUTH: attempts to sign in or up from one address, good or bad, whatever the account: passwords sprayed over
    /// many accounts meet it.
    public static let auth = Limit(
        "auth", 10, per: .seconds(60), by: .address, allowsBursts: true, closesWithoutStore: true)
    /// RATE_LIMIT_API_KEYS: all that manages API keys.
    public static let apiKeys = Limit("api-keys", 5, per: .seconds(60), allowsBursts: true)
    /// RATE_LIMIT_BILLING: all that has to do with payment.
    public static let billing = Limit("billing", 20, per: .seconds(60), allowsBursts: true)

    /// API calls of visitors, by address.
    static let global = Limit("global", 1_000, per: .seconds(3_600), by: .address)
    /// RATE_LIMIT_GLOBAL: API calls of each caller.
    static let perMinute = Limit("per-minute", 1_000, per: .seconds(60), allowsBursts: true)

    /// API calls of an organization's members and keys together.
    static func tier(_ most: Int) -> Limit { Limit("tier", most, per: .seconds(3_600)) }
}

/// What an organization pays for: how many API calls it has in an hour (requirements 3.16).
public enum Tier: String, Sendable, CaseIterable {
    case free, basic, pro, enterprise

    public var requestsPerHour: Int {
        switch self {
        case .free: 100
        case .basic: 300
        case .pro: 1_000
        case .enterprise: 10_000
        }
    }
}

/// The API calls that an organization has in an hour: its tier's, or a number of its own.
public struct Allowance: Sendable, Hashable {
    public let tier: Tier
    /// 1 or more; instead of the tier's.
    public let ownRequestsPerHour: Int?

    public init(_ tier: Tier, ownRequestsPerHour: Int? = nil) {
        self.tier = tier
        self.ownRequestsPerHour = ownRequestsPerHour
    }

    public var requestsPerHour: Int { ownRequestsPerHour ?? tier.requestsPerHour }
}
