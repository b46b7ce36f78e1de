import Codecs
import HTTPTypes
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Audit {
    struct AdminQuery: RequestInput {
        let page: Int
        let perPage: Int
        let query: Search?

        static let input = Input<AdminQuery>(
            Field.int("page", 0...1_000_000, default: 1, "Which page, from 1."),
            Field.int("per_page", 1...1_000_000, default: 50, "Entries on a page; more than 1,000 count as 1,000."),
            Field.optionalText(
                "query", 0...254, "`author:`, `action:` or `type:`, and what the address or name holds."
            ).withoutExample.must("be author:, action: or type: and a text") { text in
                text.map { $0.isEmpty || Search($0) != nil } ?? true
            }
        ) { page, perPage, query in
            AdminQuery(page: max(1, page), perPage: min(perPage, 1_000), query: query.flatMap { Search($0) })
        }
    }

    /// What to look for, and in which column: GoTrue's form.
    struct Search: Sendable {
        enum Column: String {
            case author, action, type
        }

        let column: Column
        let text: String

        init?(_ query: String) {
            let parts = query.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let column = Column(rawValue: String(parts[0])) else { return nil }
            self.column = column
            text = parts[1].lowercased()
        }

        /// The text is one to look for: `%` and `_` are themselves.
        var condition: SQL {
            switch column {
            // The people first, since they are fewer than what they did.
            case .author: "actor_id = any(array(select id from auth.users where strpos(lower(email), \(text)) > 0))"
            case .action: "strpos(event_action, \(text)) > 0"
            case .type: "strpos(event_type, \(text)) > 0"
            }
        }
    }

    /// An entry in GoTrue's form.
    struct AdminEntry: Output {
        let id: String
        let createdAt: Date
        let address: String
        let payload: JSON

        init(_ row: Row) throws {
            id = try row["id"]
            createdAt = try row["created_at"]
            address = try row["address"] ?? ""
            let actor: String? = try row["actor_id"]
            let author: String? = try row["email"]
            let action: String = try row["event_action"]
            let type: String = try row["event_type"]
            let data: JSON = try row["event_data"]
            var traits = data.object ?? [:]
            if let target: String = try row["target_id"] {
                let type: String = try row["target_type"] ?? ""
                if type == "person" {
                    traits["user_id"] = .string(target)
                } else {
                    traits["target_type"] = .string(type)
                    traits["target_id"] = .string(target)
                }
            }
            payload = [
                "actor_id": .string(actor ?? ""), "actor_username": .string(author ?? ""), "actor_via_sso": false,
                "action": .string(action), "log_type": .string(type), "traits": .object(traits),
            ]
        }

        static let shape = Shape<AdminEntry>(
            "AdminAuditEntry",
            [
                Member("id") { $0.id }.example("6d0c1f9e-3a0e-4a5b-9d86-3f4f3d0b9d11"),
                Member("payload") { $0.payload }.example([
                    "action": "role_changed", "log_type": "organizations.role_changed",
                ]),
                Member("created_at") { $0.createdAt },
                Member("ip_address") { $0.address }.example("203.0.113.7"),
            ])
    }

    /// Entries that are counted, whatever page is asked for: the log is kept for good, and to count all of it would take longer with
    /// each day.
    private static let mostCounted = 10_000

    /// GoTrue's list. Source: supabase/auth, internal/api/audit.go. Whom something was done to stands in the traits, `user_id` for a
    /// person, as there.
    static func adminList(_ call: Call<Administrator, AdminQuery>) async throws -> Answer {
        let query = call.input
        let condition = query.query?.condition ?? "true"
        // One more than the page ends with tells that there is another.
        let counted = max(Self.mostCounted, query.page * query.perPage + 1)
        let results = try await call.platform.batch([
            "select count(*) as n from (select 1 from public.audit_logs where \(condition) limit \(counted)) counted",
            """
            with page as (
                select id from public.audit_logs
                where \(condition)
                order by created_at desc, id desc
                limit \(query.perPage) offset \((query.page - 1) * query.perPage)
            )
            select a.id::text as id, a.created_at, a.event_action, a.event_type, a.event_data,
                a.actor_id::text as actor_id, a.target_type, a.target_id, u.email, p.address
            from page
            join public.audit_logs a on a.id = page.id
            left join auth.users u on u.id = a.actor_id
            left join lean.audit_personal p on p.audit_id = a.id
            order by a.created_at desc, a.id desc
            """,
        ])
        let total: Int = try [results[0]].lastRow { try $0["n"] }
        // `last` is the last page that was counted.
        let links = PageLinks.text(
            "/auth/v1/admin/audit", page: query.page, perPage: query.perPage, of: total,
            ("query", query.query.map { "\($0.column.rawValue):\($0.text)" } ?? ""))
        return Answer(
            headers: [(.totalCount, String(total)), (.link, links)],
            try results[1].map(AdminEntry.init))
    }
}
