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
    var forgetEndedJob: Job {
        Job.scheduled(
            "auth.forget_ended", .daily(at: "03:30"),
            "Forgets links of a day ago, sessions that ended 30 days ago, and devices of half a year ago"
        ) { try await forgetEnded($0) }
    }

    private func forgetEnded(_ run: JobRun) async throws {
        let database = run.services.platform
        let now = run.services.clock.now()
        let dayAgo = now.addingTimeInterval(-86_400)
        let longAgo = now.addingTimeInterval(-Self.daysOfTheEnded * 86_400)
        // Nobody has come back in all the time that a refresh token lives: the session ended then, though no clock said so.
        let lastUse = longAgo.addingTimeInterval(-settings.refreshTokenLife.inSeconds)
        let ended: [(table: SQL, condition: SQL)] = [
            // Whose job never ran.
            ("auth.users", "email like \("%@" + NewAccount.standInDomain) and created_at < \(dayAgo)"),
            ("lean.pending_sign_ups", "at < \(now.addingTimeInterval(-PendingSignUp.seconds))"),
            ("auth.one_time_tokens", "expires_at < \(dayAgo)"),
            ("auth.flow_state", "created_at < \(dayAgo)"),
            ("auth.sessions", "not_after < \(longAgo)"),
            (
                "auth.sessions",
                "greatest(created_at, refreshed_at at time zone 'utc', seen_at) < \(lastUse)::timestamptz"
            ),
            ("auth.refresh_tokens", "revoked and updated_at < \(longAgo)"),
            ("lean.known_devices", "last_seen_at < \(now.addingTimeInterval(-Double(Self.daysKnown) * 86_400))"),
        ]
        for (table, condition) in ended { try await database.deleteInSlices(from: table, where: condition) }
    }
}
