import Codecs
import Platform

extension Core {
    /// Never touches a dependency: a database that is down is no reason to restart us.
    func livez(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        .text("ok\n")
    }

    /// 503 until every essential service has been seen well, and while one is not.
    func readyz(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let latest = call.services.health.latest
        if checksHealth {
            guard latest["database"]?.status == .ok else { throw Problem(.notReady, retryAfterSeconds: 1) }
        } else {
            _ = try await call.services.platform.run("select 1")
        }
        return .text("ready\n")
    }

    /// Open in development and test; elsewhere for METRICS_TOKEN alone.
    func metrics(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        guard mayReadMetrics(call.request) else {
            throw Problem(.notAuthenticated, "Send METRICS_TOKEN as bearer token.")
        }
        let text = await call.services.metrics.exposition() + ProcessFigures.now.exposition
        return .text(text, type: "text/plain; version=0.0.4; charset=utf-8")
    }

    func mayReadMetrics(_ request: RequestFacts) -> Bool {
        if isOpen { return true }
        guard let token = metricsToken, let shown = request.bearer else { return false }
        return ConstantTime.equal(Array(shown.utf8), Array(token.reveal().utf8))
    }
}
