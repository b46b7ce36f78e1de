import Codecs
import Crypto
import Foundation
import Postgres
import TestKit
import Testing

@testable import Features
@testable import Platform

/// What one row costs and is, apart from the chain.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AuditRowTests {
    private func write(_ events: SQL, _ services: Services) async throws {
        try await services.platform.run("select lean.record_events(\(events))")
    }

    @Test func `ids begin with the time, whoever writes the row`() async throws {
        let services = try await TestNode.make().services
        let service = services.database.entering(
            with: "select set_config('role', 'service_role', true)", role: "service_role")
        let begun = Date()
        try await write(#"'[{"type": "t", "action": "a", "category": "system", "agent": "x"}]'"#, services)
        let called: UUID = try await service.one("select public.create_audit_log('t', 'a', 'system') as id") {
            try $0["id"]
        }
        try await service.run(
            "insert into public.audit_logs (event_type, event_action, event_category) values ('t', 'a', 'system')")
        let ended = Date()
        let ids = try await services.platform.all(
            "select id from public.audit_logs where event_type = 't' order by created_at, id"
        ) {
            try $0["id"] as UUID
        }
        #expect(ids.count == 3 && ids[1] == called)
        for id in ids {
            let bytes = withUnsafeBytes(of: id.uuid) { Array($0) }
            let milliseconds = bytes.prefix(6).reduce(0) { $0 << 8 | Int($1) }
            let time = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            #expect(time > begun.addingTimeInterval(-0.01) && time < ended.addingTimeInterval(0.01))
            #expect(bytes[6] >> 4 == 7 && bytes[8] >> 6 == 0b10, "version 7 of RFC 9562: \(id)")
        }
        let twin: Int = try await services.platform.one(
            "select count(*) as rows from lean.audit_personal p join public.audit_logs a on a.id = p.audit_id"
        ) { try $0["rows"] }
        #expect(twin == 1, "the personal values stand under the row's own id")
    }

    @Test func `the hash of what is personal is computed within the statement`() async throws {
        let postgres = try await TestDatabase.current.pool(as: "postgres")
        let plan = try await postgres.all(
            """
            explain (verbose, costs off)
            select lean.audit_commitment(p.salt, p.address, p.agent, p.email) from lean.audit_personal p
            """
        ) { try $0["QUERY PLAN"] as String }
        await postgres.close()
        #expect(plan.contains { $0.contains("sha256(") }, "a call would be parsed and planned for each event: \(plan)")
    }

    /// As the rule says it, from texts that PostgreSQL makes: rows that were sealed years ago must still match.
    @Test func `a row's bytes are those of the rule, in whichever form the answer comes`() async throws {
        let services = try await TestNode.make().services
        try await write(
            #"""
            '[{"type": "t", "action": "a", "category": "security", "is_security": true, "at": "1999-12-31T23:59:59.999999Z",
                "agent": "Ünï", "data": {"b": [1, 2.50, "é\""], "a": null}, "message": "", "target_type": "x",
                "actor_id": "7af1c3d2-0000-4000-8000-00000000000f", "session_id": "00000000-0000-0000-0000-000000000000"},
            {"type": "t", "action": "a", "category": "system", "at": "2026-11-27T10:00:00.120Z"},
            {"type": "t", "action": "a", "category": "system", "at": "0044-03-15 12:00:00.5+00 BC"},
            {"type": "t", "action": "a", "category": "system", "at": "12026-01-01T00:00:00Z"}]'
            """#, services)
        let expected = try await services.platform.all(
            """
            select array_to_string(array[
                a.id::text, (extract(epoch from a.created_at) * 1000000)::int8::text, a.event_type, a.event_action,
                a.event_category, a.event_result, a.event_message, a.event_data::text, a.is_security::text, a.actor_type,
                a.actor_id::text, a.organization_id::text, a.session_id::text, a.target_type, a.target_id, a.request_id,
                a.module_name, a.function_name, encode(a.personal, 'hex')], chr(1), chr(2)) as texts
            from public.audit_logs a where event_type = 't' order by created_at
            """
        ) { try Self.hash($0["texts"]) }
        for _ in 0..<2 {
            let rows = try await services.platform.all(
                "select \(SealedRow.columns) from public.audit_logs a where event_type = 't' order by a.created_at",
                SealedRow.init)
            #expect(rows.map { $0.hash(after: SealedRow.origin) } == expected)
        }
    }

    private static func hash(_ texts: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts.split(separator: "\u{1}", omittingEmptySubsequences: false) {
            let length = text == "\u{2}" ? -1 : Int32(text.utf8.count)
            withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
            if length >= 0 { bytes.append(contentsOf: text.utf8) }
        }
        let own = Array(SHA256.hash(data: bytes))
        return Array(SHA256.hash(data: SealedRow.origin + own))
    }

    @Test func `times that no clock of ours tells are told apart, not failed at`() async throws {
        let services = try await TestNode.make().services
        try await write(#"'[{"type": "t", "action": "a", "category": "system"}]'"#, services)
        try await change(to: "'infinity'")
        try await until("all is sealed") { try await Audit.seal(services) == 0 }
        #expect(try await AuditVerification.run(services).faults == [])
        let others: [SQL] = [
            "'-infinity'", "'0044-03-15 12:00+00 BC'", "'12026-01-01 00:00+00'", "'0001-01-01 00:00+00'",
            "'294276-12-31 23:59+00'", "null",
        ]
        for time in others {
            try await change(to: time)
            let faults = try await AuditVerification.run(services).faults
            #expect(faults.contains { $0.contains("was changed") }, "\(faults)")
        }
        try await change(to: "'infinity'")
        #expect(try await AuditVerification.run(services).faults == [])
    }

    @Test(arguments: [
        "p_actor_type => null", "p_event_result => null", "p_event_data => 'null'", "p_event_data => '[]'",
        "p_event_message => repeat('x', 1001)",
    ])
    func `create_audit_log refuses what the table would`(_ argument: String) async throws {
        _ = try await TestNode.make()
        let url = try await TestDatabase.current.url(as: "postgres")
        await #expect(throws: DatabaseError.self) {
            try await Bootstrap.administer(
                "select public.create_audit_log('t', 'a', 'system', \(argument))", on: DatabaseSettings(url: url))
        }
        try await Bootstrap.administer(
            "select public.create_audit_log('t', 'a', 'system', p_event_data => null)", on: DatabaseSettings(url: url))
    }

    /// As somebody who has the database's superuser.
    private func change(to time: SQL) async throws {
        let postgres = try await TestDatabase.current.pool(as: "postgres")
        _ = try await postgres.batch([
            "set local session_replication_role = 'replica'",
            "alter table public.audit_logs alter column created_at drop not null",
            "update public.audit_logs set created_at = \(time) where event_type = 't'",
        ])
        await postgres.close()
    }
}
