import Features
import LeanSaaS
import Postgres
import TestKit
import Testing

@testable import Features
@testable import Platform

extension Audit {
    /// As a process that has just begun does it: it remembers nothing of the chain.
    @discardableResult
    static func seal(_ services: Services) async throws -> Int { try await Sealer().seal(services) }
}

/// What owns the tables can take the chain away. What seals does not sign what is put in its place.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AuditForgeryTests {
    private static let happened = Event("tests.happened", "In a test", kept: .in(.system))
    private static let otherKey = "test_" + String(repeating: "89abcdef01234567", count: 4)

    private func write(_ count: Int, _ services: Services) async throws {
        for number in 0..<count {
            services.events.emit(Self.happened, of: .init("thing", "\(number)"), log: services.log)
        }
        try await services.events.flush(on: services.platform, log: services.log)
    }

    private func asOwner(_ statements: [SQL]) async throws {
        let owner = try await TestDatabase.current.pool(as: "lean_owner")
        _ = try await owner.batch(statements)
        await owner.close()
    }

    private func changeBatches(_ statements: SQL...) async throws {
        try await asOwner(
            ["alter table lean.audit_batches disable trigger only_append"] + statements
                + ["alter table lean.audit_batches enable trigger only_append"])
    }

    private func fails(_ fault: ChainFault, _ sealer: Sealer, _ services: Services) async throws {
        #expect(await #expect(throws: ChainFault.self) { try await sealer.seal(services) } == fault)
        #expect(sealer.fault == fault)
        #expect(await #expect(throws: ChainFault.self) { try await Audit.check(sealer, services) } == fault)
    }

    private func told(_ services: Services) -> Int {
        services.metrics.value(of: "leansaas_events_total", ["event": "audit.chain_broken"])
    }

    private func batches(_ services: Services) async throws -> Int {
        try await services.platform.one("select count(*) as n from lean.audit_batches") { try $0["n"] }
    }

    @Test func `rows that were changed and put before the sealer anew are not sealed, which is told once`() async throws
    {
        let services = try await TestNode.make().services
        let sealer = Sealer()
        try await write(5, services)
        #expect(try await sealer.seal(services) == 5)
        try await asOwner([
            "alter table public.audit_logs disable trigger only_append",
            "alter table public.audit_logs no force row level security",
            "alter table lean.audit_batches disable trigger only_append",
            "update public.audit_logs set event_result = 'denied'",
            "truncate lean.audit_batches",
            "insert into lean.audit_unsealed (audit_id) select id from public.audit_logs",
            "alter table lean.audit_batches enable trigger only_append",
            "alter table public.audit_logs force row level security",
            "alter table public.audit_logs enable trigger only_append",
        ])
        for _ in 0..<3 { try await fails(.cutOff(5), sealer, services) }
        #expect(try await batches(services) == 0)
        #expect(told(services) == 1)
        try await services.events.flush(on: services.platform, log: services.log)
        let isKept: Bool = try await services.platform.one(
            """
            select exists (select 1 from public.audit_logs where event_type = 'audit.chain_broken' and is_security)
                as is_kept
            """
        ) { try $0["is_kept"] }
        #expect(isKept)
    }

    @Test func `a node goes on behind what another sealed, and not behind what stands in place of what it knew`()
        async throws
    {
        let services = try await TestNode.make().services
        let (one, two) = (Sealer(), Sealer())
        for sealer in [one, two, one] {
            try await write(5, services)
            #expect(try await sealer.seal(services) == 5)
        }
        // Both know a head that stands there; what the second knows is no longer the last.
        try await write(5, services)
        #expect(try await two.seal(services) == 5)
        try await changeBatches(
            "update lean.audit_batches set hashes = sha256('x') || substring(hashes from 33) where last = 15")
        try await write(1, services)
        #expect(try await one.seal(services) == 1, "its own last hash is as it was: `verify` finds the rest")
        try await changeBatches("delete from lean.audit_batches where last = 20")
        try await write(1, services)
        try await fails(.rewritten(20), two, services)
        try await changeBatches("delete from lean.audit_batches where last = 21")
        try await fails(.cutOff(21), one, services)
    }

    @Test func `nothing is sealed behind a head that the key does not speak for, until an operator says so`()
        async throws
    {
        let services = try await TestNode.make().services
        let other = try await TestNode.make(settings: ["ENCRYPTION_KEY": Self.otherKey]).services
        let keyless = try await TestNode.make(settings: ["ENCRYPTION_KEY": ""]).services
        let sealer = Sealer()
        try await write(5, services)
        try await sealer.seal(services)
        try await write(2, services)
        try await fails(.anotherKey(5), Sealer(), other)
        try await fails(.withoutKey(5), Sealer(), keyless)
        try await changeBatches("update lean.audit_batches set mac = null")
        try await fails(.unsigned(5), sealer, services)
        try await changeBatches("update lean.audit_batches set mac = \(services.keyRing.attest([1]))")
        try await fails(.forged(5), sealer, services)
        #expect(told(services) == 2, "another state is told too")
        let head = try #require(try await AuditHead.newest(services.platform))
        let wrong = AuditHead(sequence: 4, hash: head.hash)
        #expect(
            await #expect(throws: ChainFault.self) { _ = try await AuditSwitch.goOn(after: wrong, services) }
                == .notTrusted(4))
        // What it does is itself something that happened.
        #expect(try await AuditSwitch.goOn(after: head, services) > 2)
        try await write(1, services)
        #expect(try await sealer.seal(services) == 1)
        #expect(sealer.fault == nil)
        try await Audit.check(sealer, services)
    }

    @Test func `what was not signed is told apart from what was changed`() async throws {
        let services = try await TestNode.make().services
        let other = try await TestNode.make(settings: ["ENCRYPTION_KEY": Self.otherKey]).services
        let keyless = try await TestNode.make(settings: ["ENCRYPTION_KEY": ""]).services
        try await write(5, keyless)
        try await Audit.seal(keyless)
        let unsigned = try await AuditVerification.run(keyless)
        #expect(unsigned.isWhole && !unsigned.isSigned)
        let head = try #require(unsigned.head)
        _ = try await AuditSwitch.goOn(after: head, services)
        #expect(try await AuditVerification.run(services).isWhole)
        let unchecked = try await AuditVerification.run(keyless)
        #expect(unchecked.faults == [] && !unchecked.isWhole)
        #expect(unchecked.doubts == ["signatures were not checked: ENCRYPTION_KEY is not set"])
        let foreign = try await AuditVerification.run(other)
        #expect(foreign.faults == [])
        #expect(foreign.doubts.first?.contains("are signed by another key") == true)
    }
}
