import Platform

/// How much organizations may do, and what operators see and change of it.
public enum RateLimits {}

extension Feature {
    public static func limits() -> Feature {
        let (subscription, answers) = RateLimits.listening()
        return Feature(
            name: "limits",
            needs: ["auth", "organizations"],
            schema: RateLimits.schema,
            events: [.limitViolated, .limitsDegraded, .limitsRestored],
            subscriptions: [subscription],
            background: [answers, RateLimits.cleaning]
        )
    }
}

extension RateLimits {
    /// Once an hour on each node: what another has cleaned already costs nothing.
    fileprivate static let cleaning = BackgroundService("limits.cleaning") { services in
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(3_600)) } catch { return }
            do {
                try await services.platform.run("select public.cleanup_expired_rate_limits()")
            } catch {
                services.log.warning("expired limits stay", metadata: ["cause": "\(error)"])
            }
        }
    }
}
