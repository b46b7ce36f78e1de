import Postgres
import TestKit
import Testing

/// What holds without a standby; `Tests/Proofs/replica` has one.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ReplicaTests {
    private static func reading(_ url: String, _ body: (Replica, Database, Database) async throws -> Void) async throws
    {
        let primary = Database(DatabaseSettings(url: try await TestDatabase.current.url(as: "postgres")))
        let replica = Replica(DatabaseSettings(url: url), maximumLag: .milliseconds(200))
        let proving = Task { await replica.run(behind: primary) }
        try await body(replica, primary, primary.reading(from: replica) { true })
        proving.cancel()
        await proving.value
        await primary.close()
    }

    /// Several rounds of its proof have been tried.
    private static func afterSomeProofs(_ primary: Database) async throws {
        let before = await primary.metrics().batches
        try await until("three rounds") { await primary.metrics().batches >= before + 3 }
    }

    @Test func `a server that replays nothing is never current, and reads go to the primary`() async throws {
        try await Self.reading(try await TestDatabase.current.url(as: "postgres")) { replica, primary, reads in
            try await Self.afterSomeProofs(primary)
            #expect(!replica.isCurrent)
            #expect(try await reads.one("select 42 as n") { try $0["n"] as Int } == 42)
            #expect(replica.reads == 0)
        }
    }

    @Test func `a standby that is not there costs a read nothing`() async throws {
        try await Self.reading("postgresql://nobody@127.0.0.1:1/none") { replica, primary, reads in
            try await Self.afterSomeProofs(primary)
            let begun = ContinuousClock.now
            #expect(try await reads.one("select 42 as n") { try $0["n"] as Int } == 42)
            #expect(ContinuousClock.now - begun < .seconds(5))
            #expect(!replica.isCurrent)
        }
    }

    @Test func `what reads from a standby cannot write on the primary either`() async throws {
        try await Self.reading("postgresql://nobody@127.0.0.1:1/none") { _, primary, reads in
            try await primary.run("create table t (n int)")
            do {
                try await reads.run("insert into t values (1)")
                Issue.record("it was written")
            } catch DatabaseError.server(let error) {
                #expect(error.state == .readOnlyTransaction)
            }
            #expect(await primary.metrics().connectionsLost == 0)
            try await primary.run("insert into t values (2)")
        }
    }
}
