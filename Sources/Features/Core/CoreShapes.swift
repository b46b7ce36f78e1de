import Platform

/// What the core's functions answer, member by member (requirements 2.1).
enum CoreShapes {
    private static let status = MemberType.choice(["ok", "degraded", "error", "unknown"])
    private static let environment = MemberType.choice(["development", "staging", "production", "test"])

    private static let service = MemberType.record(
        "ServiceHealth",
        [
            ("status", status), ("latency", .optional(.number)), ("lastChecked", .optional(.time)),
            ("message", .optional(.string)),
        ])

    static let health = MemberType.record(
        "Health",
        [
            ("status", status), ("timestamp", .time), ("version", .string), ("environment", environment),
            ("services", .map(service)),
            (
                "performance",
                .record("HealthPerformance", [("responseTime", .number), ("memoryUsage", .integer)])
            ),
            (
                "metadata",
                .record("HealthMetadata", [("buildVersion", .string), ("commitHash", .optional(.string))])
            ),
        ])

    static let version = MemberType.record(
        "Version",
        [
            ("version", .string), ("buildNumber", .string), ("commitHash", .string), ("environment", environment),
            ("runtime", .optional(.record("Runtime", [("name", .string), ("version", .string)]))),
            (
                "api",
                .optional(
                    .record(
                        "APIVersion",
                        [
                            ("version", .string), ("basePath", .string), ("documentation", .string),
                            ("supportedVersions", .list(.string)), ("deprecatedVersions", .list(.string)),
                        ]))
            ),
            ("services", .optional(.map(.string))), ("features", .optional(.map(.boolean))),
            ("deployment", .optional(.record("Deployment", [("platform", .string), ("region", .string)]))),
            (
                "_meta",
                .optional(
                    .record("VersionMeta", [("timestamp", .time), ("requestId", .uuid), ("responseTime", .number)]))
            ),
        ])

    private static let variable = MemberType.record(
        "ConfigurationVariable",
        [
            ("value", .string), ("type", .string), ("sensitive", .boolean),
            ("source", .choice(["default", "environment"])), ("description", .string),
        ])

    static let configuration = MemberType.record(
        "Configuration",
        [
            ("timestamp", .time), ("environment", environment), ("version", .string), ("accessLevel", .string),
            (
                "sections",
                .list(
                    .record(
                        "ConfigurationSection",
                        [("name", .string), ("description", .string), ("variables", .map(variable))]))
            ),
            ("featureFlags", .map(.map(.boolean))),
            (
                "runtime",
                .record(
                    "ConfigurationRuntime",
                    [
                        ("uptime", .number), ("platform", .string),
                        ("buildInfo", .record("BuildInfo", [("number", .string)])),
                    ])
            ),
            ("warnings", .list(.string)),
            (
                "_meta",
                .record("ConfigurationMeta", [("generatedAt", .time), ("requestId", .string), ("note", .string)])
            ),
        ])
}
