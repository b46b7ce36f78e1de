import Codecs
import Foundation
import TestKit
import Testing

@testable import Postgres

/// A statement is answered in text the first time on a connection and in binary from then on: who reads it must not notice.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct BinaryFormTests {
    /// What `read` makes of the statement's first answer and of its second, which comes in another form.
    private func twice<Value: Sendable>(
        _ sql: SQL, _ read: @escaping @Sendable (Row) throws -> Value
    ) async throws -> (first: Value, second: Value, isBinary: Bool) {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let values = try await database.transaction { transaction in
            let first = try await transaction.one(sql, read)
            let (second, isBinary) = try await transaction.one(sql) { (try read($0), $0.result.isBinary) }
            return (first, second, isBinary)
        }
        await database.close()
        return values
    }

    /// Binary is only asked for by statements that have a name, and behind a pooler none has.
    private static let isBinaryExpected = TestCluster.pooler == nil

    static let texts: [(SQL, String)] = [
        ("select true as value", "t"), ("select false as value", "f"),
        ("select 0::smallint as value", "0"), ("select (-32768)::smallint as value", "-32768"),
        ("select 2147483647::integer as value", "2147483647"),
        ("select (-9223372036854775807 - 1)::bigint as value", "-9223372036854775808"),
        ("select 'grüße'::text as value", "grüße"), ("select ''::varchar as value", ""),
        ("select 'ab'::char(4) as value", "ab  "), ("select 'pg_class'::name as value", "pg_class"),
        (#"select '{"a": [1, 2.50]}'::json as value"#, #"{"a": [1, 2.50]}"#),
        (#"select '{"a": [1, 2.50]}'::jsonb as value"#, #"{"a": [1, 2.50]}"#),
        (#"select '\x00ff10'::bytea as value"#, #"\x00ff10"#), (#"select '\x'::bytea as value"#, #"\x"#),
        (
            "select '7AF1C3D2-0000-4000-8000-00000000000F'::uuid as value",
            "7af1c3d2-0000-4000-8000-00000000000f"
        ),
        ("select '2026-11-23 07:32:57.1205+00'::timestamptz as value", "2026-11-23 07:32:57.1205+00"),
        ("select '2000-01-01 00:00+00'::timestamptz as value", "2000-01-01 00:00:00+00"),
        ("select '1969-12-31 23:59:59.999999+00'::timestamptz as value", "1969-12-31 23:59:59.999999+00"),
        ("select '0001-01-01 00:00+00'::timestamptz as value", "0001-01-01 00:00:00+00"),
        ("select '12026-01-01 10:00+00'::timestamptz as value", "12026-01-01 10:00:00+00"),
    ]

    @Test(arguments: texts)
    func `as text both are what PostgreSQL prints`(_ sql: SQL, _ text: String) async throws {
        let answers = try await twice(sql) { row in
            let value: String = try row["value"]
            return value
        }
        #expect(answers.isBinary == Self.isBinaryExpected)
        #expect(answers.first == text)
        #expect(answers.second == text)
    }

    @Test func `values are the same in both forms`() async throws {
        let sql: SQL = #"""
            select true as flag, 7::smallint as small, -70000 as middle, 5000000000 as large,
                   '7af1c3d2-0000-4000-8000-00000000000f'::uuid as id, '2026-11-23 07:32:57.123456+00'::timestamptz as time,
                   '{"a": 1.50}'::jsonb as object, '[null]'::json as list, '\x00ff'::bytea as bytes,
                   null::uuid as nothing, '192.0.2.7'::text as address, '1.50'::text as amount
            """#
        let answers = try await twice(sql) { row in
            let numbers: [Int] = [try row["small"], try row["middle"], try row["large"]]
            let (flag, id, time): (Bool, UUID, Date) = (try row["flag"], try row["id"], try row["time"])
            let (object, list, bytes): (JSON, JSON, [UInt8]) = (try row["object"], try row["list"], try row["bytes"])
            let (nothing, address): (UUID?, IPAddress) = (try row["nothing"], try row["address"])
            let amount: Decimal = try row["amount"]
            #expect(numbers == [7, -70_000, 5_000_000_000])
            #expect(flag && nothing == nil && bytes == [0, 255])
            #expect(id.uuidString == "7AF1C3D2-0000-4000-8000-00000000000F")
            #expect(time.rfc3339 == "2026-11-23T07:32:57.123456Z")
            return "\(object.text) \(list.text) \(address) \(amount)"
        }
        #expect(answers.isBinary == Self.isBinaryExpected)
        #expect(answers.first == answers.second)
    }

    @Test func `what is no value of the wanted type is refused in both forms`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        try await database.transaction { transaction in
            for _ in 1...2 {
                let row = try await transaction.one(
                    """
                    select 'infinity'::timestamptz as endless, '294276-12-31 23:59:59.999999+00'::timestamptz as last, '0044-03-15 00:00+00 BC'::timestamptz as ides, 'x' as letter,
                           2 as two, 'yes'::text as word
                    """
                ) { $0 }
                #expect(throws: DatabaseError.self) { let _: Date = try row["endless"] }
                #expect(throws: DatabaseError.self) { let _: Date = try row["ides"] }
                #expect(throws: DatabaseError.self) { let _: Date = try row["last"] }
                #expect(throws: DatabaseError.self) { let _: UUID = try row["letter"] }
                #expect(throws: DatabaseError.self) { let _: Int = try row["letter"] }
                #expect(throws: DatabaseError.self) { let _: Bool = try row["two"] }
                #expect(throws: DatabaseError.self) { let _: Bool = try row["word"] }
                #expect(throws: DatabaseError.self) { let _: [UInt8] = try row["two"] }
            }
        }
        await database.close()
    }

    @Test func `a statement with a column of another type stays with text`() async throws {
        let answers = try await twice("select 1 as value, 1.50::numeric as amount, array['a'] as names") { row in
            let (value, amount): (Int, Decimal) = (try row["value"], try row["amount"])
            let names: SQLArray<String> = try row["names"]
            return "\(value) \(amount) \(names.elements)"
        }
        #expect(!answers.isBinary)
        #expect(answers.first == "1 1.5 [\"a\"]" && answers.second == answers.first)
    }

    @Test func `a column whose type changes is read anew`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        try await database.run("create table public.changing (value integer)")
        try await database.run("insert into public.changing values (7)")
        let values = {
            try await database.all("select value from public.changing") { row -> String in try row["value"] }
        }
        #expect(try await values() == ["7"])
        #expect(try await values() == ["7"])
        try await database.run("alter table public.changing alter value type numeric")
        #expect(try await values() == ["7"])
        #expect(try await values() == ["7"])
        await database.close()
    }

    @Test func `malformed bytes are nobody's value`() {
        for bytes in [[], [1], [2, 0], [0, 1, 2], Array(repeating: 255, count: 17)] as [[UInt8]] {
            bytes.withUnsafeBufferPointer { bytes in
                #expect(UUID(sqlBinary: bytes, .uuid) == nil)
                #expect(Date(sqlBinary: bytes, .timestamptz) == nil)
                #expect(bytes.count == 2 || Int(sqlBinary: bytes, .bigint) == nil)
                #expect(JSON(sqlBinary: bytes, .jsonb) == nil)
                #expect(bytes.elementsEqual([1]) || Bool(sqlBinary: bytes, .boolean) == nil)
            }
        }
    }
}
