import Postgres
import Synchronization
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct CopyTests {
    struct SourceFailed: Error {}

    /// `count` rows, then an end or a failure.
    private static func rows(_ count: Int, thenFailing fails: Bool = false) -> AsyncThrowingStream<CopyRow, any Error> {
        let next = Atomic(0)
        return AsyncThrowingStream {
            let number = next.add(1, ordering: .relaxed).oldValue
            if number < count { return try CopyRow(number, "title \(number)\t\\.\né") }
            if fails { throw SourceFailed() }
            return nil
        }
    }

    /// One connection, so that what it is left in meets the next statement.
    private static func database(as role: String = "postgres") async throws -> Database {
        Database(DatabaseSettings(url: try await TestDatabase.current.url(as: role), maximumConnections: 1))
    }

    private static func withTable(_ body: (Database) async throws -> Void) async throws {
        let database = try await database()
        try await database.run("create table items (id bigint primary key, title text)")
        try await body(database)
        let count: Int = try await database.one("select 40 + 2 as n") { try $0["n"] }
        #expect(count == 42, "the pool is well afterwards")
        await database.close()
    }

    private static func expect(_ count: Int, in database: Database) async throws {
        let found: Int = try await database.one("select count(*) as n from items") { try $0["n"] }
        #expect(found == count)
    }

    @Test func `a hundred thousand rows go in and come out as they were`() async throws {
        try await Self.withTable { database in
            let copied = try await database.copyIn("copy items from stdin", rows: Self.rows(100_000))
            #expect(copied == 100_000)
            let wrong: Int = try await database.one(
                "select count(*) as n from items where title <> format(E'title %s\\t\\\\.\\né', id)"
            ) { try $0["n"] }
            #expect(wrong == 0)
            let lines = Atomic(0)
            let out = try await database.copyOut("copy items to stdout") { chunk in
                lines.add(chunk.count(where: { $0 == UInt8(ascii: "\n") }), ordering: .relaxed)
                #expect(chunk.count < 70_000)
            }
            #expect(out == 100_000)
            #expect(lines.load(ordering: .relaxed) == 100_000)
            #expect(await database.metrics().connectionsMade == 1)
        }
    }

    @Test func `nulls, empty texts and what COPY itself writes stay what they are`() async throws {
        try await Self.withTable { database in
            let texts: [String?] = [nil, "", "\\N", "\\.", "\\", "a\tb", "\r\n", "héllo", "{}\"'"]
            let rows = try texts.enumerated().map { try CopyRow($0.offset, $0.element) }
            let (stream, feed) = AsyncStream<CopyRow>.makeStream()
            for row in rows { feed.yield(row) }
            feed.finish()
            #expect(try await database.copyIn("copy items from stdin", rows: stream) == texts.count)
            let back: [String?] = try await database.all("select title from items order by id") { try $0["title"] }
            #expect(back == texts)
            #expect(throws: DatabaseError.self) { try CopyRow("a\0b") }
        }
    }

    @Test func `nothing stays when the source of the rows fails`() async throws {
        try await Self.withTable { database in
            await #expect(throws: SourceFailed.self) {
                try await database.copyIn("copy items from stdin", rows: Self.rows(50_000, thenFailing: true))
            }
            try await Self.expect(0, in: database)
            #expect(await database.metrics().connectionsMade == 1)
        }
    }

    @Test func `nothing stays when PostgreSQL refuses a row, and it is told`() async throws {
        try await Self.withTable { database in
            try await database.run("insert into items values (40000, 'here already')")
            do {
                _ = try await database.copyIn("copy items from stdin", rows: Self.rows(50_000))
                Issue.record("the row is there twice")
            } catch DatabaseError.server(let error) {
                #expect(error.state == .uniqueViolation)
            }
            try await Self.expect(1, in: database)
            #expect(await database.metrics().connectionsMade == 1)
        }
    }

    @Test func `nothing stays of a source that ends because its task is cancelled`() async throws {
        try await Self.withTable { database in
            let (stream, feed) = AsyncStream<CopyRow>.makeStream()
            feed.yield(try CopyRow(1, "half"))
            let copying = Task { try await database.copyIn("copy items from stdin", rows: stream) }
            try await until("the copy has begun") { await database.metrics().busy == 1 }
            copying.cancel()
            await #expect(throws: CancellationError.self) { try await copying.value }
            try await Self.expect(0, in: database)
        }
    }

    @Test func `a reader that has had enough ends the copy, and its connection is replaced`() async throws {
        try await Self.withTable { database in
            _ = try await database.copyIn("copy items from stdin", rows: Self.rows(50_000))
            await #expect(throws: SourceFailed.self) {
                try await database.copyOut("copy items to stdout") { _ in throw SourceFailed() }
            }
            try await Self.expect(50_000, in: database)
        }
    }

    @Test func `a query that fails while it is read is told`() async throws {
        try await Self.withTable { database in
            do {
                let sql: SQL = "copy (select 1 / (9999 - n) from generate_series(1, 20000) n) to stdout"
                _ = try await database.copyOut(sql) { _ in }
                Issue.record("it divides by zero")
            } catch DatabaseError.server(let error) {
                #expect(error.state.code == "22012")
            }
            #expect(await database.metrics().connectionsMade == 1)
        }
    }

    @Test func `a connection that breaks in the middle is told and replaced`() async throws {
        try await Self.withTable { database in
            let admin = try await TestDatabase.current.pool(as: "postgres")
            let pid: Int = try await database.one("select pg_backend_pid() as pid") { try $0["pid"] }
            let next = Atomic(0)
            let rows = AsyncThrowingStream<CopyRow, any Error> {
                let number = next.add(1, ordering: .relaxed).oldValue
                if number == 20_000 { try await admin.run("select pg_terminate_backend(\(pid)::int, 5000)") }
                return number < 2_000_000 ? try CopyRow(number, String(repeating: "x", count: 100)) : nil
            }
            await #expect(throws: DatabaseError.self) { try await database.copyIn("copy items from stdin", rows: rows) }
            #expect(next.load(ordering: .relaxed) < 2_000_000)
            try await Self.expect(0, in: database)
            await admin.close()
        }
    }

    @Test func `a copy stands in a transaction with other statements, and has a deadline of its own`() async throws {
        try await Self.withTable { database in
            try await database.transaction { transaction in
                try await transaction.run("insert into items values (-1, 'before')")
                _ = try await transaction.copyIn("copy items from stdin", rows: Self.rows(10), within: .seconds(90))
                let timeout: String = try await transaction.one("select current_setting('statement_timeout') as t") {
                    try $0["t"]
                }
                #expect(timeout == "30s")
            }
            try await Self.expect(11, in: database)
        }
    }

    @Test func `no other statement comes between the rows`() async throws {
        try await Self.withTable { database in
            await #expect(throws: DatabaseError.self) {
                try await database.transaction { transaction in
                    let rows = AsyncThrowingStream<[UInt8], any Error> {
                        try await transaction.run("delete from items")
                        return nil
                    }
                    _ = try await transaction.copyIn("copy items from stdin", rows)
                }
            }
        }
    }

    @Test(
        arguments: [
            "select 1", "copy items to stdout", "insert into items values (1, 'x')",
            "copy items from stdin; drop table items",
        ] as [SQL])
    func `a statement that is no COPY from us has no effect`(_ sql: SQL) async throws {
        try await Self.withTable { database in
            await #expect(throws: DatabaseError.self) { try await database.copyIn(sql, rows: Self.rows(1)) }
            try await Self.expect(0, in: database)
        }
    }

    @Test(
        arguments: [
            "copy auth.users to program 'id'", "copy (select 1) to '/tmp/escaped'", "copy auth.users from program 'id'",
            "copy auth.users to stdout", "copy lean.migrations from '/etc/passwd'",
        ] as [SQL])
    func `no program, no file and no foreign table is within reach of a request's role`(_ sql: SQL) async throws {
        let database = try await Self.database(as: "authenticator")
        for role: SQL in [
            "select set_config('role', 'anon', true)", "select set_config('role', 'authenticated', true)",
        ] {
            let entered = database.entering(with: role, role: "")
            do {
                _ = try await entered.copyOut(sql) { _ in Issue.record("something came out") }
                Issue.record("it was done")
            } catch DatabaseError.server(let error) {
                #expect(error.state == .insufficientPrivilege)
            }
        }
        await database.close()
    }

    @Test func `the preamble's role holds for a copy, and so does its refusal`() async throws {
        try await Self.withTable { owner in
            let database = try await Self.database(as: "authenticator")
            let role: SQL = "select set_config('role', 'authenticated', true)"
            let entered = database.entering(with: role, role: "authenticated")
            await #expect(throws: DatabaseError.self) {
                try await entered.copyIn("copy items from stdin", rows: Self.rows(1))
            }
            try await owner.run("grant insert on items to authenticated")
            #expect(try await entered.copyIn("copy items from stdin", rows: Self.rows(1)) == 1)
            try await owner.run("alter table items enable row level security")
            await #expect(throws: DatabaseError.self) {
                try await entered.copyIn("copy items (id) from stdin", rows: Self.rows(1))
            }
            let ended = database.entering(with: "select auth.no_such_check()", role: "")
            await #expect(throws: DatabaseError.self) { try await ended.copyOut("copy items to stdout") { _ in } }
            await database.close()
        }
    }
}
