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
            #expect(ContinuousClock.now - begun < .seconds(20))
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

    @Test func `without a standby what reads cannot write either, alone or in a transaction, in as many round trips`()
        async throws
    {
        let primary = Database(DatabaseSettings(url: try await TestDatabase.current.url(as: "postgres")))
        try await primary.run("create table t (n int)")
        let reads = primary.reading(from: nil) { true }
        let entered = primary.entering(with: "select set_config('role', 'anon', true)", role: "anon")
            .reading(from: nil) { true }
        try await primary.run("grant all on t to anon")
        let before = await primary.metrics().batches
        for database in [reads, entered] {
            #expect(try await Self.state { try await database.run("insert into t values (1)") } == .readOnlyTransaction)
            let (isReading, count): (Bool, Int) = try await database.one(
                "select current_setting('transaction_read_only')::bool as is_reading, count(*) as count from t"
            ) { (try $0["is_reading"], try $0["count"]) }
            #expect(isReading)
            #expect(count == 0)
        }
        #expect(await primary.metrics().batches == before + 4)
        // Nor can it allow itself to.
        let opened = try await Self.state {
            try await reads.transaction { transaction in
                try await transaction.run("select set_config('transaction_read_only', 'off', true)")
                try await transaction.run("insert into t values (1)")
            }
        }
        #expect(opened == SQLState("25001"))
        #expect(try await entered.one("select current_user::text as name") { try $0["name"] as String } == "anon")
        #expect(await primary.metrics().connectionsLost == 0)
        try await primary.run("insert into t values (2)")
        await primary.close()
    }

    /// How the server refuses it; nil when it does not.
    private static func state(_ body: () async throws -> Void) async throws -> SQLState? {
        do {
            try await body()
            return nil
        } catch DatabaseError.server(let error) {
            return error.state
        }
    }
}
