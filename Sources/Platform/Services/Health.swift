import Threads

/// The last result of each health check, asked in the background so that no visitor can make us ask.
public final class Health: Sendable {
    private let results = Locked<[String: HealthCheck.Result]>([:])

    public init() {}

    public var latest: [String: HealthCheck.Result] { results.withLock { $0 } }

    /// Asks all checks at once and keeps what they say.
    package func ask(_ checks: [HealthCheck], _ services: Services, timeout: Duration) async {
        await withTaskGroup(of: (String, HealthCheck.Result).self) { group in
            for check in checks {
                group.addTask { (check.name, await check.ask(services, timeout: timeout)) }
            }
            for await (name, result) in group {
                // What was cut short says nothing of the service.
                guard !Task.isCancelled else { return }
                let before = results.withLock { $0.updateValue(result, forKey: name) }
                tell(name, result, before: before, services)
            }
        }
    }

    /// Of a check that begins to fail, or ends to: once each.
    private func tell(_ name: String, _ result: HealthCheck.Result, before: HealthCheck.Result?, _ services: Services) {
        let wasWell = before?.status ?? .ok == .ok
        guard wasWell != (result.status == .ok) else { return }
        var attributes = ["check": name]
        if let message = result.message { attributes["reason"] = message }
        services.events.emit(wasWell ? .healthFailing : .healthRestored, attributes, log: services.log)
    }

    var samples: [Metrics.Sample] {
        latest.sorted { $0.key < $1.key }.map { name, result in
            Metrics.Sample("leansaas_health_check", result.status == .ok ? 1 : 0, ["check": name])
        }
    }

    /// Asks every `interval` until the task is cancelled.
    package func run(_ checks: [HealthCheck], _ services: Services, every interval: Duration, timeout: Duration) async {
        while !Task.isCancelled {
            await ask(checks, services, timeout: timeout)
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }
}

extension Event {
    public static let healthFailing = Event(
        "health.failing", "A health check fails, told once when it begins: the reason says what is wrong", at: .error)
    public static let healthRestored = Event("health.restored", "A health check that failed passes again", at: .notice)
}
