import Codecs
import HTTPTypes

/// What one limit is asked about one request.
struct LimitDemand: Sendable {
    let rule: LimitRule
    /// What the rule counts for the subject.
    let key: SipHash.Digest
    /// What its counts stand beside in the shared store; zero where there is none.
    let anchor: SipHash.Digest
    let kind: LimitSubject.Kind
    let cost: Int
    /// The rule's, or an organization's own.
    let most: Int
}

/// What the limits say to a request, and which of them clients are shown: the one that lets in the fewest more, or that refuses.
struct LimitVerdict: Sendable {
    private(set) var shown: (demand: LimitDemand, standing: SlidingWindow.Standing)?

    mutating func note(_ standing: SlidingWindow.Standing, _ demand: LimitDemand) {
        guard let known = shown?.standing else { return shown = (demand, standing) }
        let tellsMore =
            switch (known.isAdmitted, standing.isAdmitted) {
            case (true, true): standing.remaining < known.remaining
            case (true, false): true
            case (false, true): false
            // Of two that refuse, the longer wait is the true one.
            case (false, false): standing.resetMilliseconds > known.resetMilliseconds
            }
        if tellsMore { shown = (demand, standing) }
    }

    var isAdmitted: Bool { shown?.standing.isAdmitted ?? true }

    var refusal: LimitDemand? { isAdmitted ? nil : shown?.demand }

    /// Seconds, rounded up: at least 1.
    var resetSeconds: Int { ((shown?.standing.resetMilliseconds ?? 0) + 999) / 1_000 }

    /// `RateLimit`, `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11) and the older three, of which Reset is seconds
    /// since 1970.
    func write(to answer: inout Answer, now: Int) {
        guard let shown else { return }
        let rule = shown.demand.rule
        let (remaining, reset) = (String(shown.standing.remaining), resetSeconds)
        let isOwn = shown.demand.most != rule.most
        let most = isOwn ? String(shown.demand.most) : rule.mostText
        let policy =
            isOwn ? "\(rule.quotedName);q=\(most);w=\(rule.windowMilliseconds / 1_000)" : rule.policy
        var state = rule.quotedName
        state.reserveCapacity(state.utf8.count + 32)
        state += ";r="
        state += remaining
        state += ";t="
        state += String(reset)
        answer.headers.reserveCapacity(answer.headers.count + 5)
        answer.headers.append((.rateLimit, state))
        answer.headers.append((.rateLimitPolicy, policy))
        answer.headers.append((.rateLimitLimit, most))
        answer.headers.append((.rateLimitRemaining, remaining))
        answer.headers.append((.rateLimitReset, String((now + 999) / 1_000 + reset)))
    }
}

extension HTTPField.Name {
    static let rateLimit = known("RateLimit")
    static let rateLimitPolicy = known("RateLimit-Policy")
    static let rateLimitLimit = known("X-RateLimit-Limit")
    static let rateLimitRemaining = known("X-RateLimit-Remaining")
    static let rateLimitReset = known("X-RateLimit-Reset")
}
