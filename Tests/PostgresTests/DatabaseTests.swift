import Codecs
import Foundation
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct DatabaseTests {
    private func database() async throws -> Database {
        try await TestDatabase.current.pool(as: "postgres")
    }

    @Test func `values of every kind come back as they went`() async throws {
        let database = try await database()
        let id = UUID()
        let date = Date(timeIntervalSince1970: 1_763_884_377.123456)
        let json: JSON = ["a": [1, 2.5, nil, "é\""], "big": 12345678901234567]
        let row = try await database.one(
            """
            select \(id)::uuid as id, \("héllo")::text as text, \(-42)::bigint as int, \(true)::bool as bool,
                   \(1.5e-7)::float8 as double, \(date)::timestamptz as date, \(json)::jsonb as json,
                   \([UInt8]([0, 255, 7]))::bytea as bytes, \(SQLArray(["a,b", "c\"d", ""]))::text[] as list,
                   \(String?.none)::text as nothing
            """
        ) { $0 }
        #expect(try row["id"] == id)
        #expect(try row["text"] == "héllo")
        #expect(try row["int"] == -42)
        #expect(try row["bool"] == true)
        #expect(try row["double"] == 1.5e-7)
        let back: Date = try row["date"]
        #expect(abs(back.timeIntervalSince(date)) < 0.000_001)
        let backJSON: JSON = try row["json"]
        #expect(backJSON["big"]?.int == 12_345_678_901_234_567)
        #expect(backJSON["a"]?.array?.count == 4)
        #expect(try row["bytes"] == [UInt8]([0, 255, 7]))
        let list: SQLArray<String> = try row["list"]
        #expect(list.elements == ["a,b", "c\"d", ""])
        let nothing: String? = try row["nothing"]
        #expect(nothing == nil)
    }

    @Test func `an interpolated value is bound and never becomes SQL`() async throws {
        let database = try await database()
        let attack = "'; drop table pg_class; --"
        let text: String = try await database.one("select \(attack)::text as text") { try $0["text"] }
        #expect(text == attack)
    }

    @Test func `text with U+0000 is refused before it is sent`() async throws {
        let database = try await database()
        await #expect(throws: DatabaseError.self) { try await database.run("select \("a\0b")::text") }
    }

    @Test func `an error's text quotes no data`() async throws {
        let database = try await database()
        try await database.run("create table t (email text constraint t_email unique)")
        try await database.run("insert into t values ('ada@example.com')")
        for statement: SQL in [
            "insert into t values ('ada@example.com')", "select 'ada@example.com'::uuid",
            "select 'ada@example.com'::int",
        ] {
            do {
                try await database.run(statement)
                Issue.record("it cannot succeed")
            } catch {
                #expect(!"\(error)".contains("ada@"))
                #expect(!String(reflecting: error).contains("ada@"))
            }
        }
    }

    @Test func `a failing statement leaves nothing of its batch behind`() async throws {
        let database = try await database()
        try await database.run("create table t (n int unique)")
        await #expect(throws: DatabaseError.self) {
            try await database.batch([
                "insert into t values (1)", "insert into t values (2)", "insert into t values (1)",
            ])
        }
        let count: Int = try await database.one("select count(*) as n from t") { try $0["n"] }
        #expect(count == 0)
    }

    @Test func `a transaction commits whole or not at all`() async throws {
        struct Stop: Error {}
        let database = try await database()
        try await database.run("create table t (n int)")
        await #expect(throws: Stop.self) {
            try await database.transaction { transaction in
                try await transaction.run("insert into t values (1)")
                throw Stop()
            }
        }
        try await database.transaction { transaction in
            try await transaction.run("insert into t values (2)")
            try await transaction.run("insert into t values (3)")
        }
        let numbers: [Int] = try await database.all("select n from t order by n") { try $0["n"] }
        #expect(numbers == [2, 3])
    }

    @Test func `a transaction that fails to serialize is run again`() async throws {
        let database = try await database()
        try await database.run("create table counter (n int)")
        try await database.run("insert into counter values (0)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await database.transaction(isolation: .repeatableRead) { transaction in
                        let n: Int = try await transaction.one("select n from counter") { try $0["n"] }
                        try await transaction.run("update counter set n = \(n + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let n: Int = try await database.one("select n from counter") { try $0["n"] }
        #expect(n == 3)
    }

    @Test func `many callers share few connections`() async throws {
        let database = try await database()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...200 {
                group.addTask { try await database.one("select \(number)::int as n") { try $0["n"] } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 20_100)
        let metrics = await database.metrics()
        #expect(metrics.open <= 4)
        #expect(metrics.batches == 200)
    }
}
