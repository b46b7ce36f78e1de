import Platform

extension Core {
    init(_ read: inout SettingReader, _ basics: Basics) {
        read.group("Monitoring")
        metricsToken = read.secret(
            "METRICS_TOKEN", need: .optional, shape: .bits(128),
            "Bearer token that lets Prometheus read /metrics outside of development. Without it nobody may.")
        checksHealth = read.bool(
            "HEALTH_CHECK_ENABLED", default: true,
            "Whether services are checked in the background. Off: the database is asked on demand, the rest is unknown."
        )
        isOpen = read.stage == .development || read.stage == .test
        read.group("Application")
        describesItself = read.bool(
            "API_DOCS_ENABLED", default: true, "Whether the API is described at /docs and /openapi.json.")
        cdnURL = basics.cdnURL
        assetCacheControl = read.string(
            "CDN_CACHE_CONTROL", default: "public, max-age=31536000, immutable",
            "`Cache-Control` of assets, whose addresses change with what they hold.")
        read.group("Maintenance")
        let isOn = read.bool(
            "MAINTENANCE_MODE", default: false, "Starts the server closed for maintenance, until it is started without."
        )
        let message = read.string(
            "MAINTENANCE_MESSAGE", default: "System maintenance in progress", "What visitors are told meanwhile.")
        maintenance = MaintenanceWatch(ownNotice: isOn ? message : nil)
    }
}
