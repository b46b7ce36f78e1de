import Codecs
import Platform
import Postgres
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a node knows of a session.
struct SessionState: Sendable {
    let id: ID<Session>
    let user: User
    /// The user as `GET /user` answers it, written once.
    let userJSON: [UInt8]
    let organization: ID<Organization>
    let role: OrganizationRole
    let isOperator: Bool
    let allowance: Allowance
    /// How the person came in, the latest first: one at least.
    let methods: [UsedMethod]
    let createdAt: Date
    let notAfter: Date?

    func isOpen(at now: Date) -> Bool {
        (notAfter.map { $0 > now } ?? true) && (user.bannedUntil.map { $0 <= now } ?? true)
    }

    init(_ row: Row) throws {
        id = try row["session_id"]
        user = try User(row)
        userJSON = JSONWriter.bytes(of: user)
        organization = try row["organization_id"]
        let name: String = try row["organization_role"]
        guard let role = OrganizationRole(rawValue: name) else {
            throw DatabaseError.unreadable(column: "organization_role")
        }
        self.role = role
        isOperator = try row["is_super_admin"] ?? false
        let tier: String = try row["tier"]
        allowance = Allowance(Tier(rawValue: tier) ?? .free, ownRequestsPerHour: try row["requests_per_hour"])
        let createdAt: Date = try row["session_created_at"]
        self.createdAt = createdAt
        let methods = UsedMethod.all(in: try row["amr"])
        // A session from before this was written down.
        let usual: SignInMethod = user.isAnonymous ? .anonymous : .password
        self.methods = methods.isEmpty ? [UsedMethod(name: usual.rawValue, at: createdAt)] : methods
        notAfter = try row["not_after"]
    }

    /// What `init` reads, of `auth.sessions s`, `auth.users u`, `auth.membership m` and `auth.allowance a`.
    static let columns: SQL = """
        s.id as session_id, s.not_after, s.created_at as session_created_at, u.is_super_admin,
        m.organization_id, m.role as organization_role, a.tier, a.requests_per_hour, \(UsedMethod.column),
        \(User.columns)
        """
}

/// The sessions that this node has seen, believed only under the lease; without it each is read from the database.
final class Sessions: Sendable {
    private let known = Locked(Known())

    private struct Known: Sendable {
        /// By person, since what changes a person changes all of their sessions.
        var states = Sieve<ID<Person>, [ID<Session>: SessionState]>(limit: 20_000)
        /// Counts what was forgotten: a state that was read before that must not be remembered after it.
        var epoch = 0
    }

    /// Most sessions of one person that are remembered.
    private static let perPerson = 32

    /// The person's session as it is now; nil when it has ended or is another's.
    func state(of id: ID<Session>, person: ID<Person>, _ services: Services) async throws -> SessionState? {
        let (epoch, state) = known.withLock { ($0.epoch, $0.states.value(of: person)?[id]) }
        if services.lease.isCurrent, let state { return state }
        guard let state = try await read(id, services), state.user.id == person else { return nil }
        known.withLock { known in
            guard known.epoch == epoch else { return }
            var states = known.states.value(of: person) ?? [:]
            if states.count >= Self.perPerson { states = [:] }
            states[id] = state
            known.states.insert(states, for: person)
        }
        return state
    }

    func read(_ id: ID<Session>, _ services: Services) async throws -> SessionState? {
        try await services.platform.first(
            """
            select \(SessionState.columns)
            from auth.sessions s
            join auth.users u on u.id = s.user_id
            cross join lateral auth.membership(u.id, s.organization_id) m
            cross join lateral auth.allowance(m.organization_id) a
            where s.id = \(id) and u.deleted_at is null
            """, SessionState.init)
    }

    /// What is known of the person no longer holds.
    func forget(_ person: ID<Person>) {
        known.withLock { known in
            known.epoch += 1
            known.states.remove(person)
        }
    }

    func forgetAll() {
        known.withLock { known in
            known.epoch += 1
            known.states.removeAll()
        }
    }

    var memory: WatchedMemory {
        WatchedMemory("sessions") { [self] in known.withLock { $0.states.figures } }
    }

    /// Some node, perhaps this one, tells of a change: the payload is the person's id.
    var subscription: Subscription {
        Subscription("lean_sessions") { [self] payload in
            if let person = ID<Person>(payload) { forget(person) } else { forgetAll() }
        } onGap: { [self] in
            forgetAll()
        }
    }
}
