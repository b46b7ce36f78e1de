import Codecs
import Crypto
import Features
import Foundation
import LeanSaaS
import Postgres
import TestKit
import Testing

@testable import Features
@testable import Platform

/// Whatever is done to a sealed row by somebody who may do anything in the database is found.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AuditChainTests {
    private static let happened = Event("tests.happened", "In a test", kept: .in(.system))

    private func write(_ count: Int, _ services: Services) async throws {
        for number in 0..<count {
            let person = EventActor(.visitor, acting: ID<Person>())
            services.events.emit(
                Occurrence(
                    event: Self.happened, at: services.clock.now(), actor: person, target: .init("thing", "\(number)"),
                    attributes: ["é\"\\": "ü\n\(number)"], request: nil), log: services.log)
        }
        try await services.events.flush(on: services.platform, log: services.log)
    }

    /// Ten rows in two batches, the last five with personal values.
    private func sealed(_ node: Node) async throws -> AuditHead {
        try await write(5, node.services)
        #expect(try await Audit.seal(node.services) == 5)
        let service = node.services.database.entering(
            with: "select set_config('role', 'service_role', true)", role: "service_role")
        for number in 0..<5 {
            try await service.run(
                """
                select public.create_audit_log('orders.paid', 'paid', 'billing', p_target_type => 'order',
                    p_target_id => \("\(number)"), p_actor_email => 'ada@example.com', p_actor_ip => '203.0.113.7',
                    p_actor_user_agent => 'Ünïcode/1.0')
                """)
        }
        #expect(try await Audit.seal(node.services) == 5)
        #expect(try await Audit.seal(node.services) == 0)
        let report = try await AuditVerification.run(node.services)
        #expect(report.faults == [] && report.sealed == 10 && report.unsealed == 0 && report.erased == 0)
        return try #require(report.head)
    }

    /// As somebody who has the database's superuser.
    private func tamper(_ statements: [SQL]) async throws {
        let attacker = try await TestDatabase.current.pool(as: "postgres")
        _ = try await attacker.batch(["set local session_replication_role = 'replica'"] + statements)
        await attacker.close()
    }

    @Test(arguments: [
        "event_type = 'x'", "event_action = 'x'", "event_category = 'auth'", "event_result = 'denied'",
        "event_message = 'x'", "event_data = '{\"cents\": 1}'", "is_security = true", "actor_type = 'service'",
        "actor_id = gen_random_uuid()", "organization_id = gen_random_uuid()", "session_id = gen_random_uuid()",
        "target_type = 'x'", "target_id = 'x'", "request_id = 'x'", "module_name = 'x'", "function_name = 'x'",
        "created_at = created_at + interval '1 microsecond'", "personal = sha256('x')", "id = gen_random_uuid()",
    ])
    func `a change of any column is found`(_ change: String) async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        let attacker = try await TestDatabase.current.url(as: "postgres")
        try await Bootstrap.administer(
            """
            set session_replication_role = 'replica';
            update public.audit_logs set \(change)
            where id = (select ids[2] from lean.audit_batches where first = 6)
            """, on: DatabaseSettings(url: attacker))
        let report = try await AuditVerification.run(node.services)
        #expect(!report.isWhole)
        #expect(report.faults.contains { $0.contains("number 7") }, "\(report.faults)")
    }

    @Test func `a row, a seal or a head that was taken away is found`() async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        try await tamper([
            "delete from public.audit_logs where id = (select ids[3] from lean.audit_batches where last = 5)"
        ])
        #expect(try await AuditVerification.run(node.services).faults.contains { $0.contains("number 3, was removed") })
        try await tamper([
            """
            update lean.audit_batches set last = 4, ids = ids[:2] || ids[4:],
                hashes = substring(hashes for 64) || substring(hashes from 97)
            where last = 5
            """
        ])
        let shifted = try await AuditVerification.run(node.services).faults
        #expect(shifted.contains { $0.contains("number 3, was changed") }, "\(shifted)")
        #expect(shifted.contains { $0.contains("the seals 5 to 5 were removed") })
        #expect(shifted.contains { $0.contains("the head 4 was not made by this installation") })
        try await tamper(["delete from lean.audit_batches where last = 4"])
        let faults = try await AuditVerification.run(node.services).faults
        #expect(faults.contains("the seals 1 to 5 were removed"))
        #expect(!faults.contains { $0.contains("was changed") }, "what stands behind the hole was not")
    }

    @Test func `seals that stand there twice, or are not as many as they say, are found`() async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        try await tamper([
            "insert into lean.audit_batches select 7, 3, ids, hashes, mac, at from lean.audit_batches where last = 5"
        ])
        let twice = try await AuditVerification.run(node.services).faults
        #expect(twice.contains("the seals 3 to 5 stand there twice"), "\(twice)")
        try await tamper([
            "delete from lean.audit_batches where last = 7",
            "alter table lean.audit_batches drop constraint audit_batches_check",
            "update lean.audit_batches set hashes = substring(hashes for 100), ids = ids[:4] where last = 10",
        ])
        let fewer = try await AuditVerification.run(node.services).faults
        #expect(fewer.contains("the seals 6 to 10 were changed: they are not as many"), "\(fewer)")
        for (first, last) in [(Int.min, 10), (11, 10), (1, Int.max)] {
            try await tamper(["update lean.audit_batches set first = \(first), last = \(last) where last > 5"])
            let faults = try await AuditVerification.run(node.services).faults
            #expect(faults.contains { $0.contains("there are no such numbers") }, "\(first) \(faults)")
        }
    }

    @Test func `a last head that was taken away is found`() async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        try await tamper(["update lean.audit_batches set mac = null where last = 10"])
        #expect(try await AuditVerification.run(node.services).faults.contains { $0.contains("from 6 on") })
    }

    @Test func `a row that was inserted is found, among the sealed and beside them`() async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        let forged: SQL = """
            insert into public.audit_logs (id, event_type, event_action, event_category)
            values ('00000000-0000-4000-8000-000000000001', 'x', 'x', 'auth')
            """
        try await tamper([forged])
        #expect(try await AuditVerification.run(node.services).faults.contains { $0.contains("in no seal") })
        try await tamper([
            """
            insert into lean.audit_batches (first, last, ids, hashes, at)
            values (11, 11, '{00000000-0000-4000-8000-000000000001}', sha256('x'), now())
            """
        ])
        let report = try await AuditVerification.run(node.services)
        #expect(report.faults.contains { $0.contains("number 11") })
        #expect(report.faults.contains { $0.contains("from 11 on") })
    }

    @Test func `a chain that was written anew without the key is found`() async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        try await tamper([
            "update public.audit_logs set event_type = 'x' where id = (select ids[4] from lean.audit_batches where last = 10)"
        ])
        // The attacker knows the whole rule, and computes every hash from there on as it should be.
        let postgres = try await TestDatabase.current.pool(as: "postgres")
        let rows = try await postgres.all(
            """
            select \(SealedRow.columns) from lean.audit_batches b
            cross join unnest(b.ids[4:]) with ordinality as i (id, place) join public.audit_logs a on a.id = i.id
            where b.last = 10 order by i.place
            """, SealedRow.init)
        var hashes: [UInt8] = try await postgres.one(
            "select substring(hashes for 96) as hashes from lean.audit_batches where last = 10"
        ) { try $0["hashes"] }
        await postgres.close()
        for row in rows { hashes += row.hash(after: Array(hashes.suffix(32))) }
        #expect(rows.count == 2)
        try await tamper(["update lean.audit_batches set hashes = \(hashes) where last = 10"])
        let report = try await AuditVerification.run(node.services)
        #expect(
            report.faults == [
                "the head 10 was not made by this installation",
                "no head that the key attests covers the rows from 6 on",
            ])
    }

    @Test func `an end that was cut off with its heads is found by a head that was kept elsewhere`() async throws {
        let node = try await TestNode.make()
        let head = try await sealed(node)
        try await tamper([
            "delete from public.audit_logs where id in (select unnest(ids) from lean.audit_batches where last > 5)",
            "delete from lean.audit_batches where last > 5",
        ])
        #expect(try await AuditVerification.run(node.services).isWhole, "nothing in the database can tell")
        let report = try await AuditVerification.run(node.services, exported: head)
        #expect(report.faults.contains { $0.contains("its end was cut off") })
        // What is written since then does not hide it.
        try await write(8, node.services)
        try await Audit.seal(node.services)
        let later = try await AuditVerification.run(node.services, exported: head)
        #expect(later.faults == ["number 10 is not what the head that was kept says: the chain was written anew"])
    }

    @Test func `personal values can be erased, and not exchanged`() async throws {
        let node = try await TestNode.make()
        _ = try await sealed(node)
        try await tamper([
            "delete from lean.audit_personal where audit_id = (select ids[3] from lean.audit_batches where last = 10)"
        ])
        let erased = try await AuditVerification.run(node.services)
        #expect(erased.isWhole && erased.erased == 1)
        try await tamper(["update lean.audit_personal set address = '198.51.100.1'"])
        #expect(try await AuditVerification.run(node.services).faults.count == 4)
    }

    @Test func `two nodes seal side by side, and a key that went proves what the next one covers`() async throws {
        let newKey = "test_" + String(repeating: "89abcdef01234567", count: 4)
        // While a key changes each node knows both.
        let first = try await TestNode.make(settings: ["ENCRYPTION_KEYS_PREVIOUS": newKey])
        let second = try await TestNode.make(settings: [
            "ENCRYPTION_KEY": newKey, "ENCRYPTION_KEYS_PREVIOUS": TestNode.encryptionKey,
        ])
        let sealers = (Sealer(), Sealer())
        try await write(300, first.services)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (node, sealer) in [(first, sealers.0), (second, sealers.1), (first, sealers.0), (second, sealers.1)] {
                group.addTask {
                    for _ in 0..<10 {
                        try await write(20, node.services)
                        try await sealer.seal(node.services)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await until("all is sealed") { try await Audit.seal(second.services) == 0 }
        try await write(1, second.services)
        try await Audit.seal(second.services)
        let later = try await TestNode.make(settings: ["ENCRYPTION_KEY": newKey])
        let report = try await AuditVerification.run(later.services)
        #expect(report.isWhole && report.sealed == 1_101)
        let earlier = try await TestNode.make()
        #expect(try await AuditVerification.run(earlier.services).doubts.contains { $0.contains("by another key") })
    }

    @Test func `sealing reads the rows that it seals, however long the log is`() async throws {
        let services = try await TestNode.make().services
        try await write(500, services)
        try await until("all is sealed") { try await Audit.seal(services) == 0 }
        try await write(5, services)
        try await services.platform.transaction { transaction in
            func read() async throws -> Int {
                try await transaction.one(
                    """
                    select pg_stat_get_xact_tuples_returned('public.audit_logs'::regclass)
                        + pg_stat_get_xact_tuples_returned('public.audit_logs_pkey'::regclass) as rows
                    """
                ) { try $0["rows"] }
            }
            let before = try await read()
            try await transaction.run(Audit.begin)
            #expect(try await transaction.all(Audit.take, SealedRow.init).count == 5)
            #expect(try await read() - before == 5)
        }
    }

    @Test func `an open transaction holds nothing up, and its row is sealed when it ends`() async throws {
        let node = try await TestNode.make()
        let services = node.services
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let slow = Task {
            try await services.platform.transaction { transaction in
                try await transaction.run(
                    services.events.recording(
                        Occurrence(
                            event: Self.happened, at: .now, actor: .system, target: nil, attributes: [:], request: nil),
                        log: services.log))
                begin.yield()
                for await _ in gate { break }
            }
        }
        for await _ in begun { break }
        try await write(3, services)
        #expect(try await Audit.seal(services) == 3)
        open.yield()
        try await slow.value
        #expect(try await Audit.seal(services) == 1)
        #expect(try await AuditVerification.run(services).sealed == 4)
    }

    @Test func `one row that PostgreSQL refuses keeps no other out, and a flood is bounded`() async throws {
        let services = try await TestNode.make().services
        let long = Event(String(repeating: "x", count: 200), "Too long a name", kept: .in(.system))
        try await write(3, services)
        for event in [long, Self.happened] {
            services.events.emit(event, log: services.log)
        }
        try await services.events.flush(on: services.platform, log: services.log)
        let kept: Int = try await services.platform.one("select count(*) as n from public.audit_logs") { try $0["n"] }
        #expect(kept == 4)
        for _ in 0..<20_010 { services.events.emit(Self.happened, log: services.log) }
        let text = await services.metrics.exposition()
        #expect(text.contains("leansaas_audit_backlog 20000\n"))
        #expect(text.contains("leansaas_audit_dropped_total 11\n"))
    }
}
