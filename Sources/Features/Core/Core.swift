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
                    .answers(.json(CoreShapes.health))
                    .checks(.metrics, isNeeded: false, "Open to all; who shows METRICS_TOKEN is told causes too.")
                    .duringMaintenance().uncounted(),
                .get("version", .public, "Which version runs", core.version)
                    .answers(
                        .json(CoreShapes.version, kept: true).with(.apiVersion, "Of the functions API.")
                            .with(.buildNumber, "Of the program.").with(.commitHash, "Its first 8 digits.")
                    ).duringMaintenance(),
                .get(
                    "configuration", .public, "The settings, in development only", fails: [.accessDenied],
                    core.configuration
                ).answers(
                    .json(CoreShapes.configuration).with(.environment, "As NODE_ENV names it.")
                        .with(.configVersion, "Of the program.").with(.warningCount, "How many warnings there are.")
                ).duringMaintenance(),
            ],
            routes: [
                .get("/livez", .public, "Whether the process runs", core.livez)
                    .answers(.text("text/plain", example: "ok\n")).duringMaintenance(),
                .get("/readyz", .public, "Whether requests can be served", fails: [.notReady], core.readyz)
                    .answers(.text("text/plain", example: "ready\n")).duringMaintenance(),
                .get("/metrics", .public, "Figures for Prometheus", fails: [.notAuthenticated], core.metrics)
                    .answers(.text("text/plain", example: "leansaas_events_total{event=\"notes.written\"} 1\n"))
                    .checks(
                        .metrics, isNeeded: !core.isOpen,
                        "For who shows METRICS_TOKEN; in development and test open to all."
                    ).duringMaintenance(),
            ] + core.descriptionRoutes,
            schema: Core.schema,
            events: [
                .sharedStoreLost, .sharedStoreBack, .cacheAlone, .cacheRestored, .healthFailing, .healthRestored,
            ],
            checks: [HealthCheck("database", isEssential: true) { _ = try await $0.platform.run("select 1") }],
            subscriptions: [core.maintenance.subscription],
            background: [core.maintenance.service]
        )
    }
}

extension OwnToken {
    static let metrics = OwnToken(
        "metricsToken", "METRICS_TOKEN, as Prometheus shows it.")
}

extension ProblemKind {
    static let notReady = ProblemKind("NOT_READY", 503, "The server is not ready.")
}
