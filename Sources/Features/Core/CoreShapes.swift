import Platform

/// What the core's functions answer, member by member (requirements 2.1).
enum CoreShapes {
    private static let status = MemberType.choice(["ok", "degraded", "error", "unknown"])
    private static let environment = MemberType.choice(["development", "staging", "production", "test"])

    private static let service = MemberType.record(
        "ServiceHealth",
        [
            ("status", status), ("latency", .optional(.number)), ("lastChecked", .optional(.time)),
            ("message", .optional(.string.example("no connection"))),
        ])

    static let health = MemberType.record(
        "Health",
        [
            ("status", status), ("timestamp", .time), ("version", .string.example("0.1.0")),
            ("environment", environment),
            ("services", .map(service).example(["database": ["status": "ok", "latency": 0.8]])),
            (
                "performance",
                .record(
                    "HealthPerformance", [("responseTime", .number), ("memoryUsage", .integer.example(48_234_496))])
            ),
            (
                "metadata",
                .record(
                    "HealthMetadata",
                    [("buildVersion", .string.example("128")), ("commitHash", .optional(.string.example("9c240f6a")))])
            ),
        ])

    static let version = MemberType.record(
        "Version",
        [
            ("version", .string.example("0.1.0")), ("buildNumber", .string.example("128")),
            ("commitHash", .string.example("9c240f6a")), ("environment", environment),
            (
                "runtime",
                .optional(
                    .record("Runtime", [("name", .string.example("swift")), ("version", .string.example("6.3"))]))
            ),
            (
                "api",
                .optional(
                    .record(
                        "APIVersion",
                        [
                            ("version", .string.example("v1")), ("basePath", .string.example("/functions/v1")),
                            ("documentation", .string.example("/docs")),
                            ("supportedVersions", .list(.string.example("v1"))),
                            ("deprecatedVersions", .list(.string).example([])),
                        ]))
            ),
            ("services", .optional(.map(.string).example(["database": "postgresql"]))),
            ("features", .optional(.map(.boolean).example(["maintenance": false]))),
            (
                "deployment",
                .optional(
                    .record(
                        "Deployment", [("platform", .string.example("linux")), ("region", .string.example("unknown"))]))
            ),
            (
                "_meta",
                .optional(
                    .record("VersionMeta", [("timestamp", .time), ("requestId", .uuid), ("responseTime", .number)]))
            ),
        ])

    private static let variable = MemberType.record(
        "ConfigurationVariable",
        [
            ("value", .string.example("20")), ("type", .string.example("number")), ("sensitive", .boolean),
            ("source", .choice(["default", "environment"])), ("description", .string.example("Most connections held.")),
        ])

    static let configuration = MemberType.record(
        "Configuration",
        [
            ("timestamp", .time), ("environment", environment), ("version", .string.example("0.1.0")),
            ("accessLevel", .string.example("development")),
            (
                "sections",
                .list(
                    .record(
                        "ConfigurationSection",
                        [
                            ("name", .string.example("Database")),
                            ("description", .string.example("Database settings")),
                            ("variables", .map(variable)),
                        ]))
            ),
            ("featureFlags", .map(.map(.boolean)).example(["features": ["metricsEnabled": true]])),
            (
                "runtime",
                .record(
                    "ConfigurationRuntime",
                    [
                        ("uptime", .number.example(12.5)), ("platform", .string.example("swift")),
                        ("buildInfo", .record("BuildInfo", [("number", .string.example("128"))])),
                    ])
            ),
            ("warnings", .list(.string).example([])),
            (
                "_meta",
                .record(
                    "ConfigurationMeta",
                    [("generatedAt", .time), ("requestId", .string), ("note", .string.example("Secrets are masked."))])
            ),
        ])
}
