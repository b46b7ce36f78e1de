import Codecs
import Foundation
import LeanSaaS
import Postgres
import TestKit
import Testing

@testable import Platform

/// What is kept of what happened, and who sees it.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AuditTests {
    private static let list = "/functions/v1/audit_list"

    private func types(_ client: TestClient) async throws -> [String] {
        let entries = try #require(try await client.get(Self.list + "?limit=100").json["entries"]?.array)
        return entries.compactMap { $0["type"]?.string }
    }

    /// Rows as they stand once there are so many: refusals are written a moment later.
    private func rows(_ count: Int, _ node: Node, _ condition: SQL) async throws -> [JSON] {
        try await until("\(count) rows are written") { try await rows(node, condition).count >= count }
        return try await rows(node, condition)
    }

    /// Rows as they stand, what is personal with them.
    private func rows(_ node: Node, _ condition: SQL = "true") async throws -> [JSON] {
        try await node.services.events.flush(on: node.services.platform, log: node.services.log)
        return try await node.services.platform.all(
            """
            select to_jsonb(a) || jsonb_build_object('address', p.address, 'agent', p.agent) as row
            from public.audit_logs a left join lean.audit_personal p on p.audit_id = a.id
            where \(condition) order by a.created_at, a.id
            """
        ) { try $0["row"] }
    }

    @Test func `what a person does is kept with it, in its transaction`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let again = try await server.again(ada)
            #expect(try await again.client.post("/auth/v1/logout?scope=local").status == 204)
            let changed = try await ada.client.put("/auth/v1/user", ["password": "nine harmless whales"])
            #expect(changed.status == 200)
            let kept = try await rows(server.node)
            #expect(
                kept.compactMap { $0["event_type"]?.string }.sorted()
                    == ["password_changes", "sign_in.succeeded", "sign_out.succeeded", "sign_up.succeeded"])
            for row in kept {
                #expect(row["actor_id"] == .string(ada.id.text))
                #expect(row["actor_type"] == "person")
                #expect(row["target_id"] == .string(ada.id.text))
                #expect(row["address"] == "127.0.0.1")
                #expect(row["request_id"]?.string?.isEmpty == false)
            }
            let text = kept.map(\.text).joined()
            for secret in [ada.email, TestPerson.password, ada.accessToken, ada.refreshToken, "whales"] {
                #expect(!text.contains(secret))
            }
        }
    }

    @Test func `what is rolled back leaves no row, and no line or count`() async throws {
        let node = try await TestNode.make()
        let services = node.services
        let record = services.events.recording(
            Occurrence(
                event: Event("tests.done", "In a test", kept: .in(.system)), at: .now, actor: .system, target: nil,
                attributes: [:], request: nil), log: services.log)
        struct Undone: Error {}
        await #expect(throws: Undone.self) {
            try await services.platform.transaction { transaction in
                try await transaction.run(record)
                throw Undone()
            }
        }
        #expect(try await rows(node) == [])
        #expect(services.metrics.value(of: "leansaas_events_total", ["event": "tests.done"]) == 0)
        try await services.platform.run(record)
        #expect(try await rows(node).count == 1)
        #expect(services.metrics.value(of: "leansaas_events_total", ["event": "tests.done"]) == 1)
    }

    @Test func `a wrong password is kept as a security event, of a known address with whose it is`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            for email in [ada.email, "nobody@example.com"] {
                let answer = try await server.visitor.post(
                    "/auth/v1/token?grant_type=password", ["email": .string(email), "password": "planted secret"])
                #expect(answer.status == 400)
            }
            let kept = try await rows(2, server.node, "event_type = 'failed_login_attempts'")
            #expect(Set(kept.map { $0["target_id"] ?? .null }) == [.string(ada.id.text), .null])
            for row in kept {
                #expect(row["is_security"] == true && row["event_result"] == "failure")
                #expect(row["actor_type"] == "visitor")
                #expect(!row.text.contains("planted") && !row.text.contains("nobody@"))
            }
            let view: Int = try await server.node.services.database
                .entering(with: "select set_config('role', 'service_role', true)", role: "service_role")
                .one("select count(*) as n from public.recent_security_events") { try $0["n"] }
            #expect(view == 2)
        }
    }

    @Test func `people see their own, those with the permission the organization's, and nobody another's`() async throws
    {
        try await TestNode.serving { server in
            let owner = try await server.person("owner")
            let reader = try await server.person("reader", as: .readonly, in: owner.organization)
            let stranger = try await server.person("stranger")
            let promoted = try await owner.client.put(
                "/functions/v1/organizations_role", ["personId": .string(reader.id.text), "role": "member"])
            #expect(promoted.status == 200, "\(promoted.text)")
            #expect(try await types(owner.client).contains("organizations.role_changed"))
            #expect(try await types(reader.client).contains("organizations.role_changed"), "it was done to them")
            #expect(try await types(stranger.client) == ["sign_up.succeeded"])
            let seen = try await reader.client.get(Self.list)
            #expect(!seen.text.contains("127.0.0.1"), "from where others did something is nobody's business")
            #expect(try await server.visitor.get(Self.list).status == 401)
        }
    }

    @Test func `who asks for what they may not do is told of, once a minute for a route`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            for _ in 0..<3 { #expect(try await ada.client.get("/auth/v1/admin/users").status == 403) }
            let kept = try await rows(1, server.node, "event_type = 'permission_escalation_attempts'")
            #expect(kept.count == 1)
            #expect(kept.first?["event_data"]?["route"] == "GET /auth/v1/admin/users")
            #expect(kept.first?["event_result"] == "denied")
        }
    }

    @Test func `what an administrator did to nobody was not done`() async throws {
        try await TestNode.serving { server in
            let service = try await server.service()
            let nobody = "/auth/v1/admin/users/" + ID<Person>().text
            #expect(try await service.put(nobody, ["email_confirm": true]).status == 404)
            #expect(try await service.delete(nobody).status == 404)
            #expect(try await rows(server.node) == [])
            let made = try await service.post(
                "/auth/v1/admin/users", ["email": "made@example.com", "password": "nine harmless whales"])
            let id = try #require(try made.json["id"]?.string)
            #expect(try await service.delete("/auth/v1/admin/users/" + id).status == 200)
            let kept = try await rows(server.node, "event_type = 'admin_actions'")
            #expect(kept.compactMap { $0["event_action"]?.string } == ["create", "delete"])
            #expect(kept.allSatisfy { $0["actor_type"] == "service" && $0["target_id"] == .string(id) })
        }
    }

    @Test func `an operator reads all in GoTrue's form, and finds by author and action`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            _ = try await server.person("grace")
            let service = try await server.service()
            let path = "/auth/v1/admin/audit"
            let all = try #require(try await service.get(path).json.array)
            #expect(all.count == 2)
            let found = try #require(try await service.get(path + "?query=author:ada").json.array)
            #expect(found.compactMap { $0["payload"]?["actor_username"]?.string } == [ada.email])
            #expect(found.first?["payload"]?["log_type"] == "sign_up.succeeded")
            #expect(found.first?["ip_address"] == "127.0.0.1")
            #expect(try await service.get(path + "?query=action:%25").json.array == [], "% is itself")
            #expect(try await service.get(path + "?query=nonsense").status == 400)
            #expect(try await service.get(path + "?query=password:x").status == 400)
            #expect(try await ada.client.get(path).status == 403)
        }
    }

    @Test func `an operator reads whom something was done to, and how much there is`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            _ = try await server.person("grace")
            let service = try await server.service()
            #expect(try await service.put("/auth/v1/admin/users/" + ada.id.text, ["email_confirm": true]).status == 200)
            let path = "/auth/v1/admin/audit?per_page=1&query=action:update"
            _ = try await rows(1, server.node, "event_type = 'admin_actions'")
            let one = try await service.get(path)
            #expect(try one.json.array?.first?["payload"]?["traits"]?["user_id"] == .string(ada.id.text))
            #expect(one.header("x-total-count") == "1")
            let first = "</auth/v1/admin/audit?page=1&per_page=1&query=action%3Aupdate>; rel=\"last\""
            #expect(one.header("link") == first)
            let all = try await service.get("/auth/v1/admin/audit?per_page=2")
            #expect(all.header("x-total-count") == "3")
            #expect(
                all.header("link") == """
                    </auth/v1/admin/audit?page=2&per_page=2>; rel="next", </auth/v1/admin/audit?page=2&per_page=2>; rel="last"
                    """)
            let end = try await service.get("/auth/v1/admin/audit?per_page=2&page=2")
            #expect(end.header("link")?.contains("next") == false)
        }
    }

    @Test func `without ENABLE_AUDIT_LOGGING nothing is kept`() async throws {
        try await TestNode.serving(settings: ["ENABLE_AUDIT_LOGGING": "false"]) { server in
            _ = try await server.person("ada")
            #expect(try await rows(server.node) == [])
        }
    }
}
