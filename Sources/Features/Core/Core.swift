import Platform

/// What every installation has: health, version, metrics, maintenance, and the schema that policies stand on.
struct Core: Sendable {
    let metricsToken: Secret?
    let checksHealth: Bool
    /// In development and test figures and settings are open to all.
    let isOpen: Bool
    /// Whether /openapi.json and /docs are there.
    let describesItself: Bool
    /// Where assets come from; nil: from here.
    let cdnURL: String?
    /// `Cache-Control` of assets, whose addresses change with what they hold.
    let assetCacheControl: String
    let maintenance: MaintenanceWatch
}

extension Feature {
    public static func core(_ read: inout SettingReader, _ basics: Basics) -> Feature {
        let core = Core(&read, basics)
        return Feature(
            name: "core",
            functions: [
                .get("health-check", .public, "How each service is", core.healthCheck)
                    .answers(.json(CoreShapes.health)).duringMaintenance(),
                .get("version", .public, "Which version runs", core.version)
                    .answers(.json(CoreShapes.version, kept: true)).duringMaintenance(),
                .get(
                    "configuration", .public, "The settings, in development only", fails: [.accessDenied],
                    core.configuration
                ).answers(.json(CoreShapes.configuration)).duringMaintenance(),
            ],
            routes: [
                .get("/livez", .public, "Whether the process runs", core.livez)
                    .answers(.text("text/plain")).duringMaintenance(),
                .get("/readyz", .public, "Whether requests can be served", fails: [.notReady], core.readyz)
                    .answers(.text("text/plain")).duringMaintenance(),
                .get("/metrics", .public, "Figures for Prometheus", fails: [.notAuthenticated], core.metrics)
                    .answers(.text("text/plain")).duringMaintenance(),
            ] + core.descriptionRoutes,
            schema: Core.schema,
            checks: [HealthCheck("database", isEssential: true) { _ = try await $0.platform.run("select 1") }],
            subscriptions: [core.maintenance.subscription],
            background: [core.maintenance.service]
        )
    }
}

extension ProblemKind {
    static let notReady = ProblemKind("NOT_READY", 503, "The server is not ready.")
}
