import HTTPTypes

/// The guide's security headers, as the stage's settings shape them (requirements 1.2 and 3.23).
public struct SecurityHeaders: Sendable {
    let fields: [(HTTPField.Name, String)]

    public enum Strictness: Sendable {
        /// All of them, CSP without `'unsafe-inline'`.
        case strict
        /// As the guide prints them.
        case standard
        /// nosniff, frame options and referrer policy.
        case minimal
    }

    public init(_ strictness: Strictness, hsts: Bool, csp: Bool, all: Bool, policy: ContentSecurityPolicy) {
        guard all else {
            fields = []
            return
        }
        var fields: [(HTTPField.Name, String)] = [
            (.xContentTypeOptions, "nosniff"),
            (.frameOptions, "DENY"),
            (.referrerPolicy, "strict-origin-when-cross-origin"),
        ]
        if strictness != .minimal {
            fields.append((.xssProtection, "1; mode=block"))
            fields.append((.permissionsPolicy, "camera=(), microphone=(), geolocation=(), payment=()"))
            if hsts { fields.append((.strictTransportSecurity, "max-age=63072000; includeSubDomains; preload")) }
            if csp { fields.append((.contentSecurityPolicy, policy.text(allowsInline: strictness == .standard))) }
        }
        self.fields = fields
    }
}

/// Where pages may load from and send to.
public struct ContentSecurityPolicy: Sendable {
    /// Our own public address, beside 'self'.
    let apiURL: String?
    let cdnURL: String?

    public init(apiURL: String?, cdnURL: String?) {
        self.apiURL = apiURL
        self.cdnURL = cdnURL
    }

    func text(allowsInline: Bool) -> String {
        let inline = allowsInline ? " 'unsafe-inline'" : ""
        let cdn = cdnURL.map { " " + $0 } ?? ""
        let api = apiURL.map { " " + $0 } ?? ""
        return [
            "default-src 'self'",
            "script-src 'self'\(inline) https://js.stripe.com\(cdn)",
            "style-src 'self'\(inline)\(cdn)",
            "img-src 'self' data: https:\(cdn)",
            "font-src 'self'\(cdn)",
            "connect-src 'self' https://api.stripe.com\(api)",
            "frame-src https://js.stripe.com",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ].joined(separator: "; ")
    }
}
