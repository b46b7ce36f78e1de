import Codecs
import Platform
import Postgres

extension Core {
    /// The services that the answer always names; those that no feature checks are `unknown`.
    private static let serviceNames = ["database", "auth", "storage", "stripe", "resend", "edge_functions"]

    /// Always 200: the state is in the answer. What went wrong is told to those alone who may see it.
    func healthCheck(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let services = call.services
        let start = ContinuousClock.now
        var latest = services.health.latest
        if !checksHealth { latest = ["database": await askDatabase(services)] }
        latest["edge_functions"] = HealthCheck.Result(
            status: .ok, latencyMilliseconds: 0.001, checked: call.now, message: nil)
        let showsDetails = mayReadMetrics(call.request)
        var states: JSONObject = [:]
        for name in Self.serviceNames { states[name] = Self.state(latest[name], showsDetails: showsDetails) }
        // Whatever else is checked, as Redis where it is used: what makes the whole degraded has a name here.
        for (name, result) in latest.sorted(by: { $0.key < $1.key }) where !Self.serviceNames.contains(name) {
            states[name] = Self.state(result, showsDetails: showsDetails)
        }
        let answer: JSONObject = [
            "status": .string(Self.overall(latest).rawValue),
            "timestamp": .string(call.now.rfc3339),
            "version": .string(services.build.version),
            "environment": .string(services.build.stage.rawValue),
            "services": .object(states),
            "performance": [
                "responseTime": JSON(max(0.001, (ContinuousClock.now - start).inMilliseconds)),
                "memoryUsage": JSON(ProcessFigures.now.residentBytes),
            ],
            "metadata": Self.metadata(services.build),
        ]
        return Answer(JSON.object(answer))
    }

    private func askDatabase(_ services: Services) async -> HealthCheck.Result {
        let check = HealthCheck("database") { _ = try await $0.platform.run("select 1") }
        return await check.ask(services, timeout: .seconds(2))
    }

    private static func state(_ result: HealthCheck.Result?, showsDetails: Bool) -> JSON {
        guard let result else { return ["status": "unknown"] }
        var state: JSONObject = [
            "status": .string(result.status.rawValue),
            "latency": JSON(max(0.001, result.latencyMilliseconds)),
            "lastChecked": .string(result.checked.rfc3339),
        ]
        if showsDetails, let message = result.message { state["message"] = .string(message) }
        return .object(state)
    }

    /// Without the database nothing works; without another service something does.
    private static func overall(_ results: [String: HealthCheck.Result]) -> HealthCheck.Status {
        if results["database"]?.status == .error { return .error }
        return results.values.contains { $0.status == .error } ? .degraded : .ok
    }

    private static func metadata(_ build: Build) -> JSON {
        var metadata: JSONObject = ["buildVersion": .string(build.number)]
        if let commit = build.commit { metadata["commitHash"] = .string(String(commit.prefix(8))) }
        return .object(metadata)
    }
}
