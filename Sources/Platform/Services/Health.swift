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
            for await (name, result) in group { results.withLock { $0[name] = result } }
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
