import HTTPTypes

/// Which pages of other origins may read our answers (requirements 3.2).
public struct CORS: Sendable {
    let origins: Set<String>
    /// In development any port of localhost is allowed.
    let allowsLocalhost: Bool
    let credentials: Bool
    let maxAgeSeconds: Int

    public init(origins: [String], allowsLocalhost: Bool, credentials: Bool, maxAgeSeconds: Int) {
        self.origins = Set(origins)
        self.allowsLocalhost = allowsLocalhost
        self.credentials = credentials
        self.maxAgeSeconds = maxAgeSeconds
    }

    private static let allowedHeaders = [
        "Authorization", "Content-Type", "x-client-info", "x-api-key", "x-request-id", "apikey", "prefer", "range",
        "accept-profile", "content-profile", "x-upsert", "x-supabase-api-version", "x-session-id", "x-region",
        "x-retry-count", "redirect_to", "traceparent", "tracestate", "baggage",
    ].joined(separator: ", ")

    private static let exposedHeaders =
        "x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, ratelimit, ratelimit-policy, "
        + "x-supabase-api-version, x-total-count, link, content-range, retry-after"

    /// `core_*` functions are public reading: any origin, never with credentials.
    static func isOpen(_ path: String) -> Bool {
        path.hasPrefix("/functions/v1/core_")
    }

    /// The fields of an answer to a request from `origin`.
    func fields(path: String, origin: String?) -> [(HTTPField.Name, String)] {
        if Self.isOpen(path) {
            return [(.accessControlAllowOrigin, "*"), (.accessControlExposeHeaders, Self.exposedHeaders)]
        }
        guard let origin else { return [(.vary, "Origin")] }
        guard allows(origin) else { return [(.vary, "Origin")] }
        var fields: [(HTTPField.Name, String)] = [
            (.accessControlAllowOrigin, origin), (.vary, "Origin"),
            (.accessControlExposeHeaders, Self.exposedHeaders),
        ]
        if credentials { fields.append((.accessControlAllowCredentials, "true")) }
        return fields
    }

    /// What a preflight adds.
    func preflight(methods: [HTTPRequest.Method]) -> [(HTTPField.Name, String)] {
        [
            (.accessControlAllowMethods, methods.map(\.rawValue).joined(separator: ", ")),
            (.accessControlAllowHeaders, Self.allowedHeaders),
            (.accessControlMaxAge, String(maxAgeSeconds)),
        ]
    }

    func allows(_ origin: String) -> Bool {
        if origins.contains(origin) { return true }
        guard allowsLocalhost else { return false }
        for prefix in ["http://localhost:", "http://127.0.0.1:"] where origin.hasPrefix(prefix) {
            let port = origin.dropFirst(prefix.count)
            return !port.isEmpty && port.utf8.count <= 5 && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        return origin == "http://localhost" || origin == "http://127.0.0.1"
    }
}
