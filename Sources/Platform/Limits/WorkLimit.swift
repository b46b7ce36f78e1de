/// How often this node itself does something that strangers can make it do: by the rule that requests meet, in its own memory.
public struct WorkLimit: Sendable {
    private static let start = ContinuousClock.now

    private let rule: LimitRule
    private var window = SlidingWindow()

    public init(_ limit: Limit) {
        rule = LimitRule(limit, most: limit.most, closesWithoutStore: false)
    }

    /// Whether it may be done once more, which then counts.
    public mutating func takes(at now: ContinuousClock.Instant) -> Bool {
        // Clocks on the wall are set; what a node does by itself is counted by one that is not.
        let milliseconds = Int((now - Self.start).milliseconds)
        return window.take(1, most: rule.most, rule, now: max(0, milliseconds)).isAdmitted
    }
}
