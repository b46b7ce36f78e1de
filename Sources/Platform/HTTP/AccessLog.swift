import Logging

/// One line per request: id, method, route, status, duration, caller. Never a query, a body, a token or an address.
struct AccessLog: Sendable {
    /// ENABLE_PERFORMANCE_LOGGING: requests slower than this are told as warnings.
    let slowSeconds: Double?

    func finished(_ arrival: Arrival, _ answer: Answer, route: String?, caller: Caller, seconds: Double) {
        let isSlow = slowSeconds.map { seconds > $0 } ?? false
        let level: Logger.Level = answer.status >= 500 ? .error : isSlow ? .warning : .info
        guard arrival.writes(level) else { return }
        let metadata: Logger.Metadata = [
            "method": .string(arrival.method.rawValue),
            "route": .string(route ?? "none"),
            "status": .stringConvertible(answer.status),
            "durationMs": .stringConvertible((seconds * 1_000_000).rounded() / 1_000),
        ]
        arrival.facts(caller).log.log(level: level, isSlow ? "slow request" : "request", metadata: metadata)
    }

    /// The cause of a refusal, for those who read logs: clients never see it.
    func refused(_ arrival: Arrival, _ problem: Problem) {
        let level: Logger.Level = problem.kind.status >= 500 ? .error : .debug
        guard arrival.writes(level) else { return }
        arrival.facts(.visitor).log.log(
            level: level, "refused",
            metadata: [
                "code": .string(problem.kind.code),
                "cause": .string(problem.cause.map { String(describing: $0) } ?? "none"),
            ])
    }
}
