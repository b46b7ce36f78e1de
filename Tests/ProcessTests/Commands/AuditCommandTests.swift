import Features
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// `leansaas audit`, as an operator types it.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AuditCommandTests {
    @Test func `what a command changes is kept, and what it shows is not`() async throws {
        let leansaas = try await TestNode.program()
        #expect(try await leansaas.run("keys", "list").status == 0)
        #expect(try await leansaas.run("keys", "revoke", "nobody").status == 1)
        #expect(try await leansaas.run("keys", "rotate").status == 0)
        #expect(try await leansaas.run("user", "create", "ops@example.com", "--operator").status == 0)
        let kept: [String] = try await TestNode.make().services.platform.all(
            """
            select event_action || ' ' || actor_type as line from public.audit_logs
            where event_type = 'operator.command' order by created_at
            """
        ) { try $0["line"] }
        #expect(kept == ["keys rotate system", "user create system"])
    }

    @Test func `an untouched log is said to be so, and one that was changed ends with 1 and says where`() async throws {
        let leansaas = try await TestNode.program()
        #expect(try await leansaas.run("audit", "head").lines == ["none"])
        let head = try await TestNode.serving { server in
            _ = try await server.person("ada")
            let database = server.node.services.platform
            try await until("it is sealed") { try await AuditHead.newest(database) != nil }
            return try await AuditHead.newest(database).map { "\($0)" } ?? ""
        }
        #expect(try await leansaas.run("audit", "head").lines == [head])
        let whole = try await leansaas.run("audit", "verify", "--head", head)
        #expect(whole.status == 0)
        #expect(
            whole.lines == ["sealed: 1  not sealed yet: 0  erased: 0", "head: \(head)", "nothing was changed"])
        let keyless = try await TestNode.program(settings: ["ENCRYPTION_KEY": ""]).run("audit", "verify")
        #expect(keyless.status == 2)
        #expect(keyless.complaint.contains("signatures were not checked: ENCRYPTION_KEY is not set"))
        #expect(!keyless.output.contains("nothing was changed"))
        let postgres = try await TestDatabase.current.pool(as: "postgres")
        _ = try await postgres.batch([
            "set local session_replication_role = 'replica'", "update public.audit_logs set event_result = 'denied'",
        ])
        await postgres.close()
        let changed = try await leansaas.run("audit")
        #expect(changed.status == 1)
        #expect(changed.complaint.contains("number 1, was changed"), "\(changed.complaint)")
        let unchecked = try await TestNode.program(settings: ["ENCRYPTION_KEY": ""]).run("audit", "verify")
        #expect(unchecked.status == 1, "that something was changed is worse than that not all was checked")
        #expect(unchecked.complaint.contains("signatures were not checked: ENCRYPTION_KEY is not set"))
        for wrong in ["", "1", "x:y", "1:ff"] {
            #expect(try await leansaas.run("audit", "verify", "--head", wrong).status == 64)
        }
    }
}
