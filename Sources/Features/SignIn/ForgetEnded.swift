import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// How long what has ended is kept: as the schema declares.
    private static let daysOfTheEnded = 30.0

    /// What has ended and was kept for its time: links, flows, sessions, and tokens that were used up.
    static let forgetEnded = Job.scheduled(
        "auth.forget_ended", .daily(at: "03:30"),
        "Forgets links of a day ago, sessions that ended 30 days ago, and devices of half a year ago"
    ) { run in
        let now = run.services.clock.now()
        let dayAgo = now.addingTimeInterval(-86_400)
        let longAgo = now.addingTimeInterval(-daysOfTheEnded * 86_400)
        _ = try await run.services.platform.batch([
            // Whose job never ran.
            """
            delete from auth.users where email like \("%" + NewAccount.standInDomain) and created_at < \(dayAgo)
            """,
            "delete from auth.one_time_tokens where expires_at < \(dayAgo)",
            "delete from auth.flow_state where created_at < \(dayAgo)",
            "delete from auth.sessions where not_after < \(longAgo)",
            "delete from auth.refresh_tokens where revoked and updated_at < \(longAgo)",
            "delete from lean.known_devices where last_seen_at < \(now.addingTimeInterval(-Double(daysKnown) * 86_400))",
        ])
    }
}
