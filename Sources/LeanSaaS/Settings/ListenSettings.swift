import Logging
import Platform

/// Where the server listens.
struct ListenSettings: Sendable {
    var host: String
    var port: Int
    /// Where TLS is spoken, when there is a certificate.
    let securePort: Int
    let certificate: CertificateFiles?
    /// Where the process that follows this one asks for the sockets; empty: a place of the system's.
    let handoverSocket: String

    init(_ read: inout SettingReader) {
        read.group("Application")
        host = read.string(
            "HOST", default: read.stage == .production ? "0.0.0.0" : "127.0.0.1", "Address to listen on.")
        port = read.int("PORT", default: 54_321, in: 0...65_535, config: "api.port", "Port to listen on.")
        handoverSocket = read.string(
            "HANDOVER_SOCKET", default: "",
            "Unix socket at which `serve --takeover` asks for the listening sockets. Empty: one in /run, or the user's like."
        )
        read.group("TLS")
        let certificate = read.string(
            "TLS_CERTIFICATE_FILE", default: "",
            "PEM file with the certificate, then its issuers. With it TLS_PORT speaks HTTP/2 and HTTP/1.1 over TLS. "
                + "SIGHUP reads it anew.")
        let key = read.string("TLS_KEY_FILE", default: "", "PEM file with the certificate's private key.")
        securePort = read.int("TLS_PORT", default: 8_443, in: 0...65_535, "Port that speaks TLS.")
        self.certificate = certificate.isEmpty ? nil : CertificateFiles(certificate: certificate, key: key)
        if certificate.isEmpty != key.isEmpty {
            read.problem(
                certificate.isEmpty ? "TLS_CERTIFICATE_FILE" : "TLS_KEY_FILE", "is missing",
                fix: "Set both TLS_CERTIFICATE_FILE and TLS_KEY_FILE, or neither.")
        }
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
