import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A question that the server asks in the background: does this work?
public struct HealthCheck: Sendable {
    public enum Status: String, Sendable {
        case ok, degraded, error, unknown
    }

    /// The key in `core_health-check`'s `services`.
    public let name: String
    /// Whether `/readyz` waits for it.
    public let isEssential: Bool
    let probe: @Sendable (Services) async throws -> Void

    /// - Parameter probe: returns when all is well and throws otherwise; it is given HEALTH_CHECK_TIMEOUT.
    public init(
        _ name: String, isEssential: Bool = false, _ probe: @escaping @Sendable (Services) async throws -> Void
    ) {
        self.name = name
        self.isEssential = isEssential
        self.probe = probe
    }

    public struct Result: Sendable {
        public let status: Status
        public let latencyMilliseconds: Double
        public let checked: Date
        /// For callers who may see it: what went wrong.
        public let message: String?

        public init(status: Status, latencyMilliseconds: Double, checked: Date, message: String?) {
            self.status = status
            self.latencyMilliseconds = latencyMilliseconds
            self.checked = checked
            self.message = message
        }
    }

    /// Asks now, for at most `timeout`.
    package func ask(_ services: Services, timeout: Duration) async -> Result {
        let start = ContinuousClock.now
        do {
            try await withDeadline(timeout) { try await probe(services) }
            let latency = (ContinuousClock.now - start).inSeconds * 1_000
            return Result(status: .ok, latencyMilliseconds: latency, checked: services.clock.now(), message: nil)
        } catch {
            let latency = (ContinuousClock.now - start).inSeconds * 1_000
            return Result(
                status: .error, latencyMilliseconds: latency, checked: services.clock.now(), message: "\(error)")
        }
    }
}

/// Runs `body`, cancelled when `duration` has passed.
package func withDeadline<Value: Sendable>(
    _ duration: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: duration)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw DeadlinePassed(after: duration) }
        return value
    }
}

struct DeadlinePassed: Error, CustomStringConvertible {
    let after: Duration
    var description: String { "no answer within \(after.milliseconds) ms" }
}
