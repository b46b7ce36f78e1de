import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    struct SessionList: Output {
        let sessions: [OwnSession]
        let timestamp: Date

        static let shape = Shape<SessionList>(
            "SessionList",
            [
                Member("sessions") { $0.sessions }, Member("count") { $0.sessions.count }.example(1),
                Member("timestamp") { $0.timestamp },
            ])
    }

    /// At most 100. When each was last seen is exact for this node, and at most a minute old for others.
    func listSessions(_ call: Call<Principal, NoInput>) async throws -> SessionList {
        let caller = call.caller
        try await seen.write(call.services)
        let ends = SessionEnds(settings, now: call.now)
        let sessions = try await call.platform.all(
            """
            select s.id, u.id as user_id, u.email, m.role, s.created_at, s.not_after, host(s.ip) as address,
                s.user_agent, s.device, s.refreshed_at at time zone 'utc' as refreshed_at, s.seen_at
            from auth.sessions s
            join auth.users u on u.id = s.user_id
            cross join lateral auth.membership(u.id, s.organization_id) m
            where s.user_id = \(caller.id)
            order by greatest(s.seen_at, s.refreshed_at at time zone 'utc', s.created_at) desc, s.id
            limit 100
            """
        ) { try OwnSession($0, current: caller.session, ends) }
        return SessionList(sessions: sessions, timestamp: call.now)
    }
}

/// When sessions end if nothing is done with them.
struct SessionEnds: Sendable {
    let refreshTokenLife: Duration
    let rules: SessionRules
    let now: Date

    init(_ settings: SignInSettings, now: Date) {
        refreshTokenLife = settings.refreshTokenLife
        rules = settings.sessions
        self.now = now
    }

    func end(created: Date, refreshed: Date, notAfter: Date?) -> Date {
        let idle = min(refreshTokenLife, rules.inactivity ?? refreshTokenLife)
        let ends = [
            refreshed.addingTimeInterval(idle.inSeconds), notAfter,
            rules.timebox.map { created.addingTimeInterval($0.inSeconds) },
        ]
        return ends.compactMap { $0 }.min() ?? now
    }
}

/// A session as its owner sees it in the list.
struct OwnSession: Output {
    let id: ID<Session>
    let person: ID<Person>
    let email: String?
    let role: String
    let created: Date
    let expires: Date
    let lastSeen: Date
    let address: String?
    let userAgent: String?
    let device: Device
    let isActive: Bool
    let isCurrent: Bool

    static let shape = Shape<OwnSession>(
        "Session",
        [
            Member("id") { $0.id }, Member("userId") { $0.person },
            Member("userEmail") { $0.email }.example("ada@example.com"),
            Member("userRole") { $0.role }.example("admin"), Member("createdAt") { $0.created },
            Member("expiresAt") { $0.expires }, Member("lastAccessedAt") { $0.lastSeen },
            Member("ipAddress") { $0.address }.example("203.0.113.7"),
            Member("userAgent") { $0.userAgent }.example("Mozilla/5.0"), Member("deviceInfo") { $0.device },
            Member("isActive") { $0.isActive }.example(true), Member("isCurrent") { $0.isCurrent }.example(true),
        ])

    init(_ row: Row, current: ID<Session>, _ ends: SessionEnds) throws {
        id = try row["id"]
        person = try row["user_id"]
        email = try row["email"]
        let role: String = try row["role"]
        guard let role = OrganizationRole(rawValue: role) else { throw DatabaseError.unreadable(column: "role") }
        self.role = role.guideName
        created = try row["created_at"]
        let refreshed: Date = try row["refreshed_at"] ?? created
        expires = ends.end(created: created, refreshed: refreshed, notAfter: try row["not_after"])
        lastSeen = max(refreshed, try row["seen_at"] ?? created)
        address = try row["address"]
        let userAgent: String? = try row["user_agent"]
        self.userAgent = userAgent
        device = Device(stored: try row["device"]).completed(by: Device(userAgent: userAgent))
        isActive = expires > ends.now
        isCurrent = id == current
    }
}
