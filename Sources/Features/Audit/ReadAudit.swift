import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A row of the audit log, as those see it whom it concerns.
struct AuditEntry: Output {
    let id: String
    let createdAt: Date
    let type: String
    let action: String
    let category: String
    let result: String
    let message: String?
    let data: JSON
    let actorType: String
    let actor: ID<Person>?
    let targetType: String?
    let target: String?
    let requestID: String?

    static let columns: SQL = """
        id::text as id, created_at, event_type, event_action, event_category, event_result, event_message, event_data,
        actor_type, actor_id, target_type, target_id, request_id
        """

    init(_ row: Row) throws {
        id = try row["id"]
        createdAt = try row["created_at"]
        type = try row["event_type"]
        action = try row["event_action"]
        category = try row["event_category"]
        result = try row["event_result"]
        message = try row["event_message"]
        data = try row["event_data"]
        actorType = try row["actor_type"]
        actor = try row["actor_id"]
        targetType = try row["target_type"]
        target = try row["target_id"]
        requestID = try row["request_id"]
    }

    static let shape = Shape<AuditEntry>(
        "AuditEntry",
        [
            Member("id") { $0.id }.example("6d0c1f9e-3a0e-4a5b-9d86-3f4f3d0b9d11"),
            Member("createdAt") { $0.createdAt },
            Member("type") { $0.type }.example("organizations.role_changed"),
            Member("action") { $0.action }.example("role_changed"),
            Member("category") { $0.category }.example("admin"),
            Member("result") { $0.result }.example("success"),
            Member("message") { $0.message }.example("asked for by the customer"),
            Member("data") { $0.data }.example(["role": "admin"]),
            Member("actorType") { $0.actorType }.example("person"),
            Member("actorId") { $0.actor },
            Member("targetType") { $0.targetType }.example("person"),
            Member("targetId") { $0.target }.example("0b2e6f0a-58b8-4b0a-8f0d-0d5a5c6a2f5e"),
            Member("requestId") { $0.requestID }.example("c7c4c9f0b1a84f0e"),
        ])
}

extension Audit {
    struct Page: RequestInput {
        let limit: Int
        let offset: Int

        static let input = Input<Page>(
            .int("limit", 1...100, default: 20, "Most entries in the answer."),
            .int("offset", 0...100_000, default: 0, "How many of the newest to pass over."),
            make: Page.init(limit:offset:)
        )
    }

    struct List: Output {
        let entries: [AuditEntry]

        static let shape = Shape<List>("AuditList", [Member("entries") { $0.entries }])
    }

    /// Row-level security says which they are. The three reasons that it knows are looked for each along its own index: asked for
    /// all three at once, PostgreSQL sorts everything that an organization ever did for the sake of the newest twenty.
    static func list(_ call: Call<Principal, Page>) async throws -> List {
        let page = call.input
        let newest: SQL = "order by created_at desc, id desc limit \(page.offset + page.limit)"
        let results = try await call.database.batch([
            "select set_config('enable_bitmapscan', 'off', true)",
            """
            with seen as (
                (select created_at, id from public.audit_logs where actor_id = (select auth.uid()) \(newest))
                union
                (select created_at, id from public.audit_logs
                    where target_type = 'person' and target_id = (select auth.uid()::text) \(newest))
                union
                (select created_at, id from public.audit_logs
                    where organization_id = (select auth.org_id()) and (select auth.permits('audit:read')) \(newest))
            ), page as (
                select created_at, id from seen order by created_at desc, id desc
                limit \(page.limit) offset \(page.offset)
            )
            select \(AuditEntry.columns)
            from page join public.audit_logs using (id, created_at)
            order by created_at desc, audit_logs.id desc
            """,
        ])
        return List(entries: try results[1].map(AuditEntry.init))
    }
}
