import Codecs
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// The guide's session management, and the end of one's own account.
    var ownSessionRoutes: [Route] {
        let base = "/functions/v1/auth_session-management"
        return [
            .post(
                base + "/login", .public, "Sign in for a day, or for 30 when one is to be remembered",
                fails: [
                    .loginRefused, .loginUnconfirmed, .loginBanned, .unlockByLetter, .passwordsBusy, .hookRejected,
                    .hookTimeout,
                ],
                logIn
            ).named("auth_session_login").duringMaintenance().limited(by: .login, .auth, .account).uncounted(),
            .delete(
                base + "/logout", .signedIn, "End the session, or that of one's own which X-Session-ID names",
                fails: [.sessionIDRequired, .notFound], logOut
            ).named("auth_session_logout").duringMaintenance().uncounted(),
            .get(base + "/sessions", .signedIn, "List one's own sessions, the latest first", listSessions)
                .named("auth_session_list"),
            .delete(base + "/sessions/{sessionId}", .signedIn, "End one of one's own sessions", revokeSession)
                .named("auth_session_revoke"),
            .delete(
                "/functions/v1/auth_profile-management/profile", .signedIn, "Delete one's own account", deleteOwnAccount
            ).named("profile_delete"),
        ]
    }
}

extension ProblemKind {
    static let loginRefused = ProblemKind("AUTHENTICATION_ERROR", 401, "Invalid login credentials")
    static let loginUnconfirmed = ProblemKind("AUTHENTICATION_ERROR", 401, "Email not confirmed")
    static let loginBanned = ProblemKind("AUTHENTICATION_ERROR", 401, "User is banned")
    static let sessionIDRequired = ProblemKind("SESSION_ID_REQUIRED", 400, "X-Session-ID must be a session's id.")
    /// GoTrue's code for a session that its rules have ended.
    static let sessionExpired = ProblemKind("session_expired", 400, "Invalid Refresh Token: Session Expired")
}

extension Event {
    static let sessionRevoked = Event(
        "sessions.revoked", "A person ended one of their sessions", kept: .in(.auth))
    static let accountDeleted = Event(
        "accounts.deleted", "A person deleted their account", at: .notice, kept: .in(.auth))
}

/// That something was done.
struct Done: Output {
    let message: String
    let timestamp: Date

    static let shape = Shape<Done>(
        "Done",
        [
            Member("success") { _ in true }.example(true),
            Member("message") { $0.message }.example("Session revoked successfully"),
            Member("timestamp") { $0.timestamp },
        ])
}
