import Foundation
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct FailureTests {
    @Test func `a connection that PostgreSQL ends is replaced`() async throws {
        let database = try await TestDatabase.current.directPool(as: "postgres")
        let admin = try await TestDatabase.current.directPool(as: "postgres")
        let pid: Int = try await database.one("select pg_backend_pid() as pid") { try $0["pid"] }
        try await admin.run("select pg_terminate_backend(\(pid)::int)")
        // The next statement may still meet the dying connection, which says so; then all is well again.
        do { try await database.run("select 1") } catch DatabaseError.connectionLost {}
        let next: Int = try await database.one("select pg_backend_pid() as pid") { try $0["pid"] }
        #expect(next != pid)
    }

    @Test func `a cancelled caller stops the statement on the server`() async throws {
        let database = try await TestDatabase.current.directPool(as: "postgres")
        let admin = try await TestDatabase.current.directPool(as: "postgres")
        let sleeper = Task { try await database.run("select pg_sleep(60)") }
        let running: SQL =
            "select count(*) as n from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active'"
        try await until("the statement runs") { try await admin.one(running) { try $0["n"] as Int } == 1 }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        try await until("the statement ends") { try await admin.one(running) { try $0["n"] as Int } == 0 }
        #expect(try await database.one("select 1 as n") { try $0["n"] as Int } == 1)
    }

    @Test func `waiting for a connection has a deadline`() async throws {
        let url = try await TestDatabase.current.url(as: "postgres")
        let database = Database(
            DatabaseSettings(url: url, maximumConnections: 1, connectionTimeout: .milliseconds(200)))
        // The connection is there before somebody holds it: under load it may take longer than anybody is to wait here.
        try await until("it is connected") {
            do { return try await database.run("select 1") == 1 } catch DatabaseError.unavailable { return false }
        }
        let holder = Task { try await database.run("select pg_sleep(60)") }
        try await until("it is held") { await database.metrics().busy == 1 }
        await #expect(throws: DatabaseError.self) { try await database.run("select 1") }
        holder.cancel()
        _ = await holder.result
        await database.close()
    }

    @Test func `a server that is not there is unavailable, within the deadline`() async throws {
        let database = Database(
            DatabaseSettings(
                url: "postgresql://nobody@127.0.0.1:1/none", maximumConnections: 2,
                connectionTimeout: .milliseconds(300)))
        let start = ContinuousClock.now
        await #expect(throws: DatabaseError.self) { try await database.run("select 1") }
        #expect(ContinuousClock.now - start < .seconds(20))
        await database.close()
    }

    @Test func `the server stops a statement at its timeout`() async throws {
        let url = try await TestDatabase.current.url(as: "postgres")
        let database = Database(DatabaseSettings(url: url, statementTimeout: .milliseconds(100)))
        do {
            try await database.run("select pg_sleep(10)")
            Issue.record("the statement ran to its end")
        } catch DatabaseError.server(let error) {
            #expect(error.state == .queryCanceled)
        }
        await database.close()
    }

    @Test func `a changed table does not break prepared statements`() async throws {
        let database = try await TestDatabase.current.directPool(as: "postgres")
        try await database.run("create table t (a int)")
        try await database.run("insert into t values (1)")
        let star: SQL = "select * from t"
        _ = try await database.all(star) { $0 }
        try await database.run("alter table t add column b text default 'new'")
        let values: [String] = try await database.all(star) { try $0["b"] }
        #expect(values == ["new"])
    }

    @Test func `more statements than are kept prepared still run`() async throws {
        var settings = DatabaseSettings(url: try await TestDatabase.current.url(as: "postgres"), maximumConnections: 1)
        settings.statementLimit = 2
        let database = Database(settings)
        for _ in 0..<3 {
            #expect(try await database.one("select 1 as n") { try $0["n"] as Int } == 1)
            #expect(try await database.one("select 2 as n") { try $0["n"] as Int } == 2)
            #expect(try await database.one("select 3 as n") { try $0["n"] as Int } == 3)
        }
        let kept: Int = try await database.one("select count(*) as n from pg_prepared_statements") { try $0["n"] }
        #expect(kept <= 4)
        await database.close()
    }
}
