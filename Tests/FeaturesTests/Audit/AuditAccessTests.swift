import Codecs
import Features
import Foundation
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// Who may do what to the audit log's tables and with its functions.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AuditAccessTests {
    private func database(_ services: Services, as role: String) -> Database {
        services.database.entering(with: "select set_config('role', \(role), true)", role: role)
    }

    private static let call: SQL = """
        select public.create_audit_log('orders.paid', 'paid', 'billing', p_actor_type => 'service',
            p_target_type => 'order', p_target_id => '17', p_event_data => '{"cents": 900}',
            p_actor_email => 'ada@example.com', p_actor_ip => '203.0.113.7')::text as id
        """

    @Test func `the product's own servers write by the guide's function, and its bounds hold`() async throws {
        let services = try await TestNode.make().services
        let service = database(services, as: "service_role")
        let id: String = try await service.one(Self.call) { try $0["id"] }
        let row: JSON = try await services.platform.one(
            "select to_jsonb(a) as row from public.audit_logs a where id = \(id)::uuid"
        ) { try $0["row"] }
        #expect(row["event_category"] == "billing" && row["event_result"] == "success")
        #expect(!row.text.contains("ada@"), "what names a person stands elsewhere")
        for wrong: SQL in [
            "select public.create_audit_log('x', 'x', 'gossip')", "select public.create_audit_log('', 'x', 'auth')",
            "select public.create_audit_log('x', 'x', 'auth', p_event_result => 'perhaps')",
            "select public.create_audit_log('x', 'x', 'auth', p_event_data => '[]')",
            "select public.create_audit_log('x', 'x', 'auth', 'god')",
        ] {
            await #expect(throws: DatabaseError.self) { try await service.run(wrong) }
        }
    }

    @Test(arguments: ["anon", "authenticated", "service_role", "lean_platform"])
    func `no role of requests changes a row, a seal or the list of the unsealed`(_ role: String) async throws {
        let services = try await TestNode.make().services
        _ = try await database(services, as: "service_role").run(Self.call)
        let attacker = database(services, as: role)
        var attacks: [SQL] = [
            "update public.audit_logs set event_result = 'denied'", "delete from public.audit_logs",
            "truncate public.audit_logs", "update lean.audit_batches set last = 9", "delete from lean.audit_batches",
            "update lean.audit_batches set mac = ''", "truncate lean.audit_batches",
            "update lean.audit_personal set email = 'eve@example.com'",
            "insert into public.audit_logs (id, event_type, event_action, event_category) values (gen_random_uuid(), 'x', 'x', 'auth')",
            "insert into public.audit_logs (created_at, event_type, event_action, event_category) values (now(), 'x', 'x', 'auth')",
            "alter table public.audit_logs disable trigger all",
        ]
        if role != "lean_platform" {
            attacks += [
                "delete from lean.audit_unsealed", "select * from lean.audit_personal",
                "select * from lean.audit_batches",
                "select lean.record_events('[]')",
            ]
        }
        if role == "anon" || role == "authenticated" {
            attacks += [
                Self.call,
                "insert into public.audit_logs (event_type, event_action, event_category) values ('x', 'x', 'auth')",
                "select public.revoke_user_session(gen_random_uuid())", "select public.get_expired_sessions()",
                "select public.cleanup_expired_sessions()", "select public.revoke_all_user_sessions(gen_random_uuid())",
            ]
        }
        for attack in attacks {
            await #expect(throws: DatabaseError.self) { try await attacker.run(attack) }
        }
    }

    @Test func `also the tables' owner only appends`() async throws {
        let services = try await TestNode.make().services
        _ = try await database(services, as: "service_role").run(Self.call)
        let owner = try await TestDatabase.current.pool(as: "lean_owner")
        for attack: SQL in [
            "update public.audit_logs set event_type = 'y'", "delete from public.audit_logs",
            "truncate public.audit_logs", "delete from lean.audit_batches",
        ] {
            await #expect(throws: DatabaseError.self) { try await owner.run(attack) }
        }
        await owner.close()
    }

    @Test func `a person who goes takes along from where they came, and the chain stays whole`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let services = server.node.services
            func kept() async throws -> Int {
                try await services.platform.one("select count(*) as n from lean.audit_personal") { try $0["n"] }
            }
            #expect(try await kept() == 1)
            let gone = try await ada.client.send(
                .DELETE, "/functions/v1/auth_profile-management/profile",
                (["confirmEmail": .string(ada.email), "deleteData": true] as JSON).encoded())
            #expect(gone.status == 200, "\(gone.text)")
            #expect(try await kept() == 0)
            try await until("it is sealed") {
                try await services.platform.one(
                    "select exists (select 1 from lean.audit_batches where last = 2) as done"
                ) {
                    try $0["done"]
                }
            }
            let report = try await AuditVerification.run(services)
            #expect(report.faults == [])
            #expect(report.erased == 2)
        }
    }

    @Test func `sessions are seen and ended by the guide's names`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let other = try await server.again(ada)
            let services = server.node.services
            let service = services.database.entering(
                with: """
                    select set_config('request.jwt.claims', '{"role": "service_role"}', true),
                        set_config('role', 'service_role', true)
                    """, role: "service_role")
            let seen: [String] = try await service.all("select user_email from public.active_user_sessions") {
                try $0["user_email"]
            }
            #expect(seen == [ada.email, ada.email])
            _ = try await server.person("eve")
            let claims = #"{"role": "authenticated", "sub": "\#(ada.id.text)"}"#
            let entry: SQL = """
                select set_config('request.jwt.claims', \(claims), true), set_config('role', 'authenticated', true)
                """
            let own = services.database.entering(with: entry, role: "authenticated")
            let roles: [String] = try await own.all(
                "select user_email || ' ' || user_role as line from public.active_user_sessions"
            ) { try $0["line"] }
            #expect(roles == ["\(ada.email) owner", "\(ada.email) owner"], "a person sees their own")
            let gone: Int = try await service.one(
                "select public.revoke_all_user_sessions(\(ada.id), 'asked for') as n"
            ) { try $0["n"] }
            #expect(gone == 2)
            for client in [ada.client, other.client] {
                #expect(try await client.get("/functions/v1/notes_list").status == 401)
            }
            let again = try await server.again(ada)
            let session: String = try await service.one(
                "select id::text as id from public.active_user_sessions where user_id = \(ada.id)"
            ) { try $0["id"] }
            let revoke: SQL = "select public.revoke_user_session(\(session)::uuid) as done"
            #expect(try await service.one(revoke) { try $0["done"] } == true)
            #expect(try await service.one(revoke) { try $0["done"] } == false, "it is gone")
            #expect(try await again.client.get("/functions/v1/notes_list").status == 401)
        }
    }
}
