import Logging
import Platform

/// Where the server listens.
struct ListenSettings: Sendable {
    var host: String
    var port: Int

    init(_ read: inout SettingReader) {
        read.group("Application")
        host = read.string(
            "HOST", default: read.stage == .production ? "0.0.0.0" : "127.0.0.1", "Address to listen on.")
        port = read.int("PORT", default: 54_321, in: 0...65_535, config: "api.port", "Port to listen on.")
    }
}

/// What is logged, and how.
struct LogSettings: Sendable {
    let level: Logger.Level
    let format: LogFormat
    /// Requests slower than this are told; nil when they are not.
    let slowSeconds: Double?

    init(_ read: inout SettingReader) {
        read.group("Logging")
        let usual: Level =
            switch read.stage {
            case .production: .warn
            case .staging: .info
            case .development: .debug
            case .test: .error
            }
        level = read.choice("LOG_LEVEL", default: usual, "Least severe line that is written.").loggerLevel
        format = read.choice(
            "LOG_FORMAT", default: read.stage == .development ? LogFormat.text : .json,
            "One JSON object a line, or text.")
        let tellsSlow = read.bool(
            "ENABLE_PERFORMANCE_LOGGING", default: true, "Whether requests slower than a second are logged as warnings."
        )
        slowSeconds = tellsSlow ? 1 : nil
    }

    /// The guide's words; swift-log's are known too.
    private enum Level: String, CaseIterable {
        case trace, debug, info, notice, warn, warning, error, critical

        var loggerLevel: Logger.Level {
            switch self {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warn, .warning: .warning
            case .error: .error
            case .critical: .critical
            }
        }
    }
}

/// How often services are asked how they are.
struct HealthSettings: Sendable {
    let interval: Duration
    let timeout: Duration

    init(_ read: inout SettingReader) {
        read.group("Monitoring")
        interval = read.milliseconds(
            "HEALTH_CHECK_INTERVAL", default: .seconds(30), in: .milliseconds(100)...(.seconds(3_600)),
            "How often services are checked.")
        timeout = read.milliseconds(
            "HEALTH_CHECK_TIMEOUT", default: .seconds(5), in: .milliseconds(50)...(.seconds(60)),
            "How long a check may take.")
    }
}
