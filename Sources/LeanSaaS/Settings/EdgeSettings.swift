import Platform

/// Security headers and CORS, as the guide's variables and the stage's profile shape them.
struct EdgeSettings: Sendable {
    let security: SecurityHeaders
    let cors: CORS

    init(_ read: inout SettingReader, _ basics: Basics) {
        security = Self.security(&read, basics)
        cors = Self.cors(&read, basics)
    }

    /// Set together, the strictest profile wins (requirements 3.20 and 3.23).
    private static func security(_ read: inout SettingReader, _ basics: Basics) -> SecurityHeaders {
        read.group("Security headers")
        let isStrict = read.bool(
            "SECURITY_HEADERS_STRICT", default: read.stage == .production,
            "All of the guide's headers, and a CSP without 'unsafe-inline'.")
        let isStandard = read.bool(
            "SECURITY_HEADERS_ENABLED", default: read.stage == .staging, "The guide's headers as it prints them.")
        let isMinimal = read.bool(
            "SECURITY_HEADERS_MINIMAL", default: false, "nosniff, frame options and referrer policy alone.")
        let hsts = read.bool("ENABLE_HSTS", default: true, "Strict-Transport-Security.")
        let csp = read.bool("ENABLE_CSP", default: true, "Content-Security-Policy.")
        let all = read.bool("ENABLE_SECURITY_HEADERS", default: true, "Any of them. Production refuses false.")
        if !all {
            read.problem(
                "ENABLE_SECURITY_HEADERS", "must not be off in production", fix: "Remove it.", onlyIn: [.production])
        }
        let strictness: SecurityHeaders.Strictness =
            isStrict ? .strict : isStandard ? .standard : isMinimal ? .minimal : .standard
        return SecurityHeaders(
            strictness, hsts: hsts, csp: csp, all: all,
            policy: ContentSecurityPolicy(apiURL: basics.apiURL, cdnURL: basics.cdnURL))
    }

    private static func cors(_ read: inout SettingReader, _ basics: Basics) -> CORS {
        read.group("CORS")
        let origins = read.list(
            "CORS_ORIGINS", default: [basics.appURL], aliases: ["CORS_ALLOWED_ORIGINS"],
            config: "api.cors.allowed_origins", "Origins whose pages may read answers, with scheme and port.")
        for origin in origins where origin.contains("*") || !origin.hasPrefix("http") {
            read.problem(
                "CORS_ORIGINS", "names an origin that is no origin, or a wildcard",
                fix: "List each origin as https://host[:port].")
        }
        let credentials = read.bool(
            "CORS_CREDENTIALS", default: true, "Whether pages of these origins may send cookies.")
        let maxAge = read.int(
            "CORS_MAX_AGE", default: 86_400, in: 0...86_400, unit: "s", "How long a browser remembers a preflight.")
        return CORS(
            origins: origins + [basics.apiURL],
            allowsLocalhost: read.stage == .development || read.stage == .test,
            credentials: credentials, maxAgeSeconds: maxAge)
    }
}
