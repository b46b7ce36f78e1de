/// Which family of clients an address serves: each expects errors in its own shape.
public enum Surface: Sendable {
    /// `/functions/v1`: `{error: {code, message, details?}, timestamp, requestId}`.
    case functions
    /// `/auth/v1`: GoTrue's `{code, error_code, msg}`.
    case auth
    /// `/account`: pages for people, in HTML.
    case page
    /// Probes and metrics: text for machines.
    case plain

    init(path: String) {
        if path.hasPrefix("/auth/v1") {
            self = .auth
        } else if path.hasPrefix("/functions/v1") {
            self = .functions
        } else if path == "/account" || path.hasPrefix("/account/") || path == "/inbox" || path.hasPrefix("/inbox/") {
            self = .page
        } else {
            self = .plain
        }
    }
}
