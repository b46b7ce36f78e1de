import Threads

/// The limits of one request on its way: asked once, settled when its outcome is known, shown in its answer.
final class RequestLimits: Sendable {
    private struct State: Sendable {
        var caller = Caller.visitor
        /// Those that wait for the outcome.
        var unsettled: [LimitDemand] = []
        var verdict = LimitVerdict()
    }

    private let route: RouteLimits
    private let limits: Limits
    private let arrival: Arrival
    private let state = Locked(State())

    init(_ route: RouteLimits, _ limits: Limits, _ arrival: Arrival) {
        self.route = route
        self.limits = limits
        self.arrival = arrival
    }

    /// Asks, unless the verb is to name an account first, where that needs no answer of the shared store: most requests wait for
    /// nothing.
    ///
    /// - Returns: whether it was asked. Else `enter` does it.
    /// - Throws: `Problem`, 429.
    func entersAtOnce(_ caller: Caller) throws -> Bool {
        guard !route.awaitsAccount else {
            state.withLock { $0.caller = caller }
            return true
        }
        let demands = demands(caller, account: nil)
        guard !demands.isEmpty else { return true }
        guard let verdict = limits.takeAtOnce(demands, arrival, caller) else { return false }
        try heed(verdict, demands, caller)
        return true
    }

    /// Asks, unless the verb is to name an account first.
    ///
    /// - Throws: `Problem`, 429 or 503.
    func enter(_ caller: Caller) async throws {
        if try !entersAtOnce(caller) { try await ask(demands(caller, account: nil), caller) }
    }

    /// Asks for an attempt on an account.
    func ask(account: String) async throws {
        let caller = state.withLock { $0.caller }
        let demands = demands(caller, account: account)
        if !demands.isEmpty { try await ask(demands, caller) }
    }

    private func demands(_ caller: Caller, account: String?) -> [LimitDemand] {
        limits.demands(route, caller, address: arrival.address ?? "unknown", account: account)
    }

    private func ask(_ demands: [LimitDemand], _ caller: Caller) async throws {
        try heed(try await verdict(demands, caller), demands, caller)
    }

    private func heed(_ verdict: LimitVerdict, _ demands: [LimitDemand], _ caller: Caller) throws {
        state.withLock { state in
            state.verdict = verdict
            guard verdict.isAdmitted, demands.contains(where: { $0.rule.awaitsOutcome }) else { return }
            state.unsettled = demands.filter { $0.rule.awaitsOutcome }
            state.caller = caller
        }
        guard verdict.isAdmitted else {
            throw Problem(.rateLimited, retryAfterSeconds: verdict.resetSeconds)
        }
    }

    /// Whether the account's limits from all addresses together let the attempt in that is under way; it counts there too then.
    func admits(account: String) async throws -> Bool {
        let caller = state.withLock { $0.caller }
        let demands = limits.demands(route, caller, account: account)
        guard !demands.isEmpty else { return true }
        let verdict = try await verdict(demands, caller)
        if verdict.isAdmitted { state.withLock { $0.unsettled += demands.filter { $0.rule.awaitsOutcome } } }
        return verdict.isAdmitted
    }

    private func verdict(_ demands: [LimitDemand], _ caller: Caller) async throws -> LimitVerdict {
        if let decided = limits.takeAtOnce(demands, arrival, caller) { return decided }
        return try await limits.take(demands, arrival, caller)
    }

    /// How it ended. Asked again, it does nothing.
    func settle(status: Int) async {
        let (demands, caller) = state.withLock { state in
            defer { state.unsettled = [] }
            return (state.unsettled, state.caller)
        }
        if !demands.isEmpty { await limits.settle(demands, status: status, arrival, caller) }
    }

    /// Shows the limits in the answer's headers.
    ///
    /// - Returns: whether none waits for the outcome. Else `settle` is to be told it.
    func show(in answer: inout Answer) -> Bool {
        let (verdict, isSettled) = state.withLock { ($0.verdict, $0.unsettled.isEmpty) }
        verdict.write(to: &answer, now: limits.now)
        return isSettled
    }
}

extension Call {
    /// Within an attempt on an account: whether it may still be made by somebody whom nothing but the password speaks for. False
    /// when too many others have failed at it, from wherever.
    ///
    /// - Throws: `Problem`, 503.
    public func mayTry(_ account: String) async throws -> Bool {
        try await limits?.admits(account: account) ?? true
    }

    /// One attempt on an account, as a sign-in: asks the route's limits first and tells them how it ended.
    ///
    /// What the body throws as a problem below 500 is a failure; an outage is neither. Whoever gives up before the answer
    /// has failed, so that going away saves nobody an attempt.
    ///
    /// - Parameter account: its name in the one form that finds it; of an account that is not there just so.
    /// - Throws: `Problem`, 429 or 503, and whatever the body throws.
    public func attempt<Value: Sendable>(
        on account: String, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let limits else { return try await body() }
        try await limits.ask(account: account)
        do {
            let value = try await body()
            await limits.settle(status: 200)
            return value
        } catch {
            await limits.settle(status: error is CancellationError ? 400 : Problem(error).kind.status)
            throw error
        }
    }
}
