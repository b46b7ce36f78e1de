/// The environment's limits and how strict they are (requirements 3.1 and 3.20).
package struct LimitSettings: Sendable {
    package enum Mode: String, Sendable {
        /// As printed, without bursts; sign-in is closed while the shared store is gone.
        case strict
        /// As printed, bursts on the limits per minute.
        case usual
        /// All doubled.
        case moderate
        case disabled
    }

    let mode: Mode
    let burst: Int
    /// By the limit's name.
    let perMinute: [String: Int]
    /// What of the global row counts.
    let counting: Limit.Counting
    /// What keys are hashed under is derived from it.
    let secret: Secret

    /// - Parameter secret: JWT_SECRET, which all nodes share.
    package init(_ read: inout SettingReader, secret: Secret) {
        self.secret = secret
        read.group("Rate limits")
        perMinute = [
            Limit.perMinute.name: Self.number("GLOBAL", 1_000, "API calls of each caller", &read),
            Limit.auth.name: Self.number("AUTH", 10, "Attempts to sign in or up from one address", &read),
            Limit.apiKeys.name: Self.number("API_KEYS", 5, "Changes to API keys by one caller", &read),
            Limit.billing.name: Self.number("BILLING", 20, "Payment requests of one caller", &read),
        ]
        burst = read.int(
            "RATE_LIMIT_BURST_MULTIPLIER", default: 2, in: 1...100,
            "Multiplies the limits per minute above, unless RATE_LIMIT_STRICT.")
        counting = Self.counting(&read)
        mode = Self.mode(&read)
    }

    private static func number(_ name: String, _ value: Int, _ what: String, _ read: inout SettingReader) -> Int {
        read.int("RATE_LIMIT_" + name, default: value, in: 1...1_000_000, "\(what) in a minute.")
    }

    private static func counting(_ read: inout SettingReader) -> Limit.Counting {
        let skipsSuccessful = read.bool(
            "RATE_LIMIT_SKIP_SUCCESSFUL_REQUESTS", default: false,
            "Whether the hourly limit of visitors counts refused requests alone.")
        let skipsFailed = read.bool(
            "RATE_LIMIT_SKIP_FAILED_REQUESTS", default: false,
            "Whether the hourly limit of visitors leaves refused requests out.")
        if skipsSuccessful, skipsFailed {
            read.problem(
                "RATE_LIMIT_SKIP_FAILED_REQUESTS", "and RATE_LIMIT_SKIP_SUCCESSFUL_REQUESTS leave nothing to count",
                fix: "Set one of them.")
        }
        return skipsSuccessful ? .failures : skipsFailed ? .successes : .all
    }

    /// What is set wins over the stage's own; set together, the strictest wins.
    private static func mode(_ read: inout SettingReader) -> Mode {
        let isDisabled = read.bool(
            "RATE_LIMIT_DISABLED", default: read.stage == .development || read.stage == .test,
            "No limits at all. Production refuses it.")
        let isModerate = read.bool(
            "RATE_LIMIT_MODERATE", default: read.stage == .staging && !isDisabled, "All limits are doubled.")
        let isStrict = read.bool(
            "RATE_LIMIT_STRICT", default: read.stage == .production && !isModerate,
            "No bursts, and sign-in is refused while the shared store is gone. Set together, the strictest of the three wins."
        )
        return isStrict ? .strict : isModerate ? .moderate : isDisabled ? .disabled : .usual
    }

    /// The limit as this installation enforces it.
    func rule(_ limit: Limit) -> LimitRule {
        var most = perMinute[limit.name] ?? limit.most
        if limit.allowsBursts, mode != .strict { most *= burst }
        if mode == .moderate { most *= 2 }
        return LimitRule(limit, most: most, closesWithoutStore: mode == .strict)
    }

    /// An organization's calls in an hour.
    func most(_ allowance: Allowance) -> Int {
        mode == .moderate ? allowance.requestsPerHour * 2 : allowance.requestsPerHour
    }
}
