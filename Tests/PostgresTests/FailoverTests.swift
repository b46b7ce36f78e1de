import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct FailoverTests {
    private static func database(_ url: String, wait: Duration = .seconds(20)) -> Database {
        Database(DatabaseSettings(url: url, maximumConnections: 2, connectionTimeout: wait))
    }

    /// The test's URL, with a host before it where nobody listens.
    private static func severalHosts() async throws -> String {
        try await TestDatabase.current.url(as: "postgres").replacing("?host=", with: "?host=/nowhere,")
    }

    /// From here on new connections to the test's database only read, as to a standby.
    private static func makeReadOnly() async throws {
        let admin = try await TestDatabase.current.pool(as: "postgres")
        try await admin.run(
            """
            do $$ begin
                execute format('alter database %I set default_transaction_read_only = on', current_database());
            end $$
            """)
        await admin.close()
    }

    @Test func `a host that is not there is passed over`() async throws {
        let database = Self.database(try await Self.severalHosts())
        #expect(try await database.one("select 1 as n") { try $0["n"] as Int } == 1)
        await database.close()
    }

    @Test func `of several hosts, none that only reads is taken`() async throws {
        let url = try await Self.severalHosts()
        try await Self.makeReadOnly()
        let database = Self.database(url, wait: .milliseconds(500))
        await #expect(throws: DatabaseError.self) { try await database.run("select 1") }
        await database.close()
        let reader = Self.database(url + "&target_session_attrs=any")
        #expect(try await reader.one("select 1 as n") { try $0["n"] as Int } == 1)
        await reader.close()
    }

    @Test func `a connection whose server has stopped to take writes is replaced`() async throws {
        let database = Self.database(try await TestDatabase.current.url(as: "postgres"))
        try await database.run("create table t (n int)")
        // A session's setting, which a connection of its own to come does not have.
        try await database.run("set default_transaction_read_only = on")
        do {
            try await database.run("insert into t values (1)")
            Issue.record("the session only reads")
        } catch DatabaseError.server(let error) {
            #expect(error.state == .readOnlyTransaction)
        }
        try await database.run("insert into t values (1)")
        #expect(await database.metrics().connectionsLost == 1)
        await database.close()
    }

    @Test func `a read-only transaction of our own costs no connection`() async throws {
        let database = Self.database(try await TestDatabase.current.url(as: "postgres"))
        try await database.run("create table t (n int)")
        await #expect(throws: DatabaseError.self) {
            try await database.transaction { transaction in
                try await transaction.run("set transaction read only")
                try await transaction.run("insert into t values (1)")
            }
        }
        #expect(await database.metrics().connectionsLost == 0)
        await database.close()
    }
}
