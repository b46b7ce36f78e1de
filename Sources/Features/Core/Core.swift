import Platform

/// What every installation has: health, version, metrics, maintenance, and the schema that policies stand on.
struct Core: Sendable {
    let metricsToken: Secret?
    let checksHealth: Bool
    /// In development and test figures and settings are open to all.
    let isOpen: Bool
    let maintenance: MaintenanceWatch
}

extension Feature {
    public static func core(_ read: inout SettingReader) -> Feature {
        let core = Core(&read)
        return Feature(
            name: "core",
            functions: [
                .get("health-check", .public, "How each service is", core.healthCheck).duringMaintenance(),
                .get("version", .public, "Which version runs", core.version).duringMaintenance(),
                .get(
                    "configuration", .public, "The settings, in development only", fails: [.accessDenied],
                    core.configuration
                )
                .duringMaintenance(),
            ],
            routes: [
                .get("/livez", .public, "Whether the process runs", core.livez).duringMaintenance(),
                .get("/readyz", .public, "Whether requests can be served", core.readyz).duringMaintenance(),
                .get("/metrics", .public, "Figures for Prometheus", core.metrics).duringMaintenance(),
            ],
            schema: Core.schema,
            checks: [HealthCheck("database", isEssential: true) { _ = try await $0.platform.run("select 1") }],
            subscriptions: [core.maintenance.subscription],
            background: [core.maintenance.service]
        )
    }
}
