import Codecs
import Logging
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The limits of this installation and their counts: in the shared store when there is one, else in this node's memory.
///
/// All limits that concern a request are asked together: when one refuses, none of the others counts it. While the shared
/// store is gone a node counts by itself and lets in its share; it returns to the others when the store does.
public final class Limits: Sendable {
    let settings: LimitSettings
    let memory = MemoryStore()
    let shared: SharedWindows?
    let degradation = Degradation()
    let arrears = Arrears()
    let keys: LimitKeys
    let storeTimes = Locked(Histogram(bounds: [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25]))
    /// By which the nodes are counted.
    let node = Hex.encode((0..<8).map { _ in UInt8.random(in: .min ... .max) })
    private let clock: WallClock
    private let events: Events
    private let log: Logger
    /// By name: a limit that several routes name is counted once for all.
    private let rules = Locked<[String: LimitRule]>([:])

    let global: LimitRule
    let perMinute: LimitRule
    let tier: LimitRule

    package init(
        _ settings: LimitSettings, shared: (any SharedStore)?, clock: WallClock, events: Events, metrics: Metrics,
        log: Logger
    ) {
        self.settings = settings
        self.clock = clock
        self.log = log
        self.events = events
        let keys = LimitKeys(settings.secret, isShared: shared != nil)
        self.keys = keys
        self.shared = shared.map { SharedWindows($0) }
        global = settings.rule(.global.counting(settings.counting))
        perMinute = settings.rule(.perMinute)
        tier = settings.rule(.tier(Tier.free.requestsPerHour))
        rules.withLock { $0 = [global.name: global, perMinute.name: perMinute, tier.name: tier] }
        metrics.observe("limits") { [weak self] in self?.samples ?? [] }
    }

    /// Whether anything is limited at all.
    var isOn: Bool { settings.mode != .disabled }

    /// What the route's requests meet; nil when nothing.
    func rules(of route: Route) -> RouteLimits? {
        guard isOn, route.isLimited else { return nil }
        let rules = rules.withLock { known in
            route.limits.map { limit in
                let rule = known[limit.name] ?? settings.rule(limit)
                known[limit.name] = rule
                return rule
            }
        }
        return RouteLimits(
            isCounted: route.isCounted, cost: route.cost, rules: rules,
            awaitsAccount: route.limits.contains { $0.scope == .accountAtAddress })
    }

    /// Asks all demands at once, where that needs no answer of the shared store; nil where it does.
    func takeAtOnce(_ demands: [LimitDemand], _ arrival: Arrival, _ caller: Caller) -> LimitVerdict? {
        let verdict = shared == nil ? memory.take(demands, share: 1, now: now) : known(demands)
        return verdict.map { noted($0, demands, arrival, caller) }
    }

    /// Asks all demands at once, of the shared store.
    ///
    /// - Throws: 503 for what is closed while the shared store is gone.
    func take(_ demands: [LimitDemand], _ arrival: Arrival, _ caller: Caller) async throws(Problem) -> LimitVerdict {
        let answer = await ask { shared, spell async throws(SharedStoreFailure) in
            try await shared.take(demands, reset: spell.reset, time: 0)
        }
        if let answer {
            learn(answer)
            return noted(answer.verdict, demands, arrival, caller)
        }
        guard !demands.contains(where: \.rule.closesWithoutStore) else {
            throw Problem(.unavailable, "This is closed for a moment. Try again shortly.", retryAfterSeconds: 5)
        }
        return noted(memory.take(demands, share: degradation.nodes, now: now), demands, arrival, caller)
    }

    /// The verdict, as metrics and events have it.
    private func noted(
        _ verdict: LimitVerdict, _ demands: [LimitDemand], _ arrival: Arrival, _ caller: Caller
    ) -> LimitVerdict {
        guard let refusal = verdict.refusal else {
            for demand in demands { demand.rule.noteAdmitted() }
            return verdict
        }
        refusal.rule.noteRefused()
        if verdict.shown?.standing.isNews == true { tell(refusal, arrival, caller) }
        return verdict
    }

    /// What can be said without a round trip: that the shared store would refuse, or that the limits are far enough from full
    /// for it to be told later.
    private func known(_ demands: [LimitDemand]) -> LimitVerdict? {
        let spell = degradation.spell
        guard let spell, demands.allSatisfy(spell.mayGoAhead), arrears.isOpen, shared?.isReachable == true else {
            return memory.refused(demands, spell, now: now)
        }
        let verdict = memory.takeAhead(demands, spell, now: now)
        if verdict?.isAdmitted == true { arrears.add(demands) }
        return verdict
    }

    private func learn(_ answer: SharedWindows.Taken) {
        if let refusal = answer.verdict.refusal, refusal.rule.blockMilliseconds > 0, let shown = answer.verdict.shown {
            memory.block(refusal, until: now + shown.standing.resetMilliseconds, now: now)
        }
        guard let spell = degradation.spell else { return }
        for count in answer.counts where count.isRefusal || spell.mayGoAhead(count.demand) {
            memory.learn(count, spell)
        }
    }

    /// Tells demands that wait for it how the request ended.
    func settle(_ demands: [LimitDemand], status: Int, _ arrival: Arrival, _ caller: Caller) async {
        for demand in await begun(demands, status) { tell(demand, arrival, caller) }
    }

    private func begun(_ demands: [LimitDemand], _ status: Int) async -> [LimitDemand] {
        let begun = await ask { shared, spell async throws(SharedStoreFailure) in
            try await shared.settle(demands, status: status, reset: spell.reset, time: 0)
        }
        if let begun {
            for demand in begun { memory.block(demand, until: now + demand.rule.blockMilliseconds, now: now) }
            return begun
        }
        return demands.filter { demand in
            memory.settle(
                demand, counts: demand.rule.counts(status: status), share: degradation.nodes, now: now)
        }
    }

    /// The shared store's answer; nil when it is gone. Once gone it is asked again by `run` alone, so that no request waits
    /// for what does not come.
    func ask<Answer>(
        _ question: (SharedWindows, SharedSpell) async throws(SharedStoreFailure) -> Answer
    ) async -> Answer? {
        guard let shared, let spell = degradation.spell else { return nil }
        guard shared.isReachable else {
            degrade(.unreachable)
            return nil
        }
        let start = ContinuousClock.now
        do {
            let answer = try await question(shared, spell)
            let seconds = (ContinuousClock.now - start).inSeconds
            storeTimes.withLock { $0.record(seconds) }
            return answer
        } catch .cancelled {
            return nil
        } catch {
            degrade(error)
            return nil
        }
    }

    func degrade(_ failure: SharedStoreFailure) {
        guard degradation.begin() else { return }
        events.emit(
            .limitsDegraded, ["cause": "\(failure)", "nodes": "\(degradation.nodes)"], log: log)
    }

    func restore(_ presence: SharedWindows.Presence) {
        guard degradation.end(presence, now: now) else { return }
        events.emit(.limitsRestored, ["nodes": "\(presence.nodes)"], log: log)
    }

    /// Milliseconds since 1970.
    var now: Int { Int(clock.now().timeIntervalSince1970 * 1_000) }

    /// Once for each window or block: a flood of refusals must not become a flood of lines.
    private func tell(_ demand: LimitDemand, _ arrival: Arrival, _ caller: Caller) {
        let facts = arrival.facts(caller)
        events.emit(
            Occurrence(
                event: .limitViolated, at: clock.now(), actor: facts.actor(), target: nil,
                attributes: ["limit": demand.rule.name, "countedBy": demand.kind.rawValue], request: facts),
            log: facts.log)
    }

    /// All limits that are in force, by name.
    var all: [LimitRule] { rules.withLock { $0.values.sorted { $0.name < $1.name } } }
}

extension Event {
    /// The guide's security event.
    public static let limitViolated = Event(
        "rate_limit_violations", "A limit was exceeded: once for each window or block", at: .notice,
        kept: .security(.security, .denied))
    public static let limitsDegraded = Event(
        "limits.degraded", "The shared store is gone: this node counts by itself and lets in its share", at: .error)
    public static let limitsRestored = Event(
        "limits.restored", "The shared store is back: this node counts with the others", at: .notice)
}

extension ProblemKind {
    public static let rateLimited = ProblemKind(
        "RATE_LIMIT_EXCEEDED", 429, "Too many requests. Try again when Retry-After has passed.")
}
