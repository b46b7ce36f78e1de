import Foundation
import TestKit
import Testing

@testable import Postgres

/// What is sent in its binary form arrives as what its text would have been.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ParameterTests {
    @Test(arguments: [[], [0], [0x5C, 0x78, 0x00, 0xFF], [UInt8](repeating: 0xA5, count: 300_000)])
    func `bytes arrive as they are`(_ bytes: [UInt8]) async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        // Among values of other forms, and twice: the second time the statement is known by its name.
        for _ in 0..<2 {
            let (text, absent, length, back) = try await database.one(
                """
                select encode(\(bytes), 'hex') as text, \(nil as [UInt8]?)::bytea is null as absent,
                    octet_length(\(bytes)::bytea) + \(1) as length, \(bytes)::bytea as back
                """
            ) { row in
                (
                    try row["text"] as String, try row["absent"] as Bool, try row["length"] as Int,
                    try row["back"] as [UInt8]
                )
            }
            #expect(text == bytes.map { String(format: "%02x", $0) }.joined())
            #expect(absent && length == bytes.count + 1 && back == bytes)
        }
        await database.close()
    }

    @Test(arguments: [0, 1, 2, 1_000]) func `ids arrive in their order`(_ count: Int) async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let ids = (0..<count).map { _ in UUID() }
        for _ in 0..<2 {
            let (text, dimensions) = try await database.one(
                "select array_to_string(v, ',') as text, array_ndims(v) as dimensions from (select \(SQLArray(ids))::uuid[] as v) t"
            ) { row in (try row["text"] as String, try row["dimensions"] as Int?) }
            #expect(text == ids.map { $0.uuidString.lowercased() }.joined(separator: ","))
            #expect(dimensions == (count == 0 ? nil : 1))
        }
        await database.close()
    }

    @Test func `arrays of bytes, and rows of COPY, have the text`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let values: [[UInt8]] = [[0, 1], [], [0x22, 0x5C]]
        let joined: String = try await database.one(
            "select string_agg(encode(v, 'hex'), ',' order by place) as joined from unnest(\(SQLArray(values))::bytea[]) with ordinality t (v, place)"
        ) { try $0["joined"] }
        #expect(joined == "0001,,225c")
        let none: Int = try await database.one("select cardinality(\(SQLArray([String]()))::text[]) as none") {
            try $0["none"]
        }
        #expect(none == 0, "of its own type")
        let ids = [UUID(), UUID()]
        let row = try CopyRow(values[2], SQLArray(ids), nil as Int?)
        let expected = #"\\x225c"# + "\t{\(ids.map { $0.uuidString.lowercased() }.joined(separator: ","))}\t\\N\n"
        #expect(String(decoding: row.line, as: UTF8.self) == expected)
        await database.close()
    }

    @Test func `columns are found in any order, and a name that no column has is not`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let rows = try await database.all("select n as a, n + 10 as b, n + 20 as ab from generate_series(1, 3) n") {
            row in
            let backwards: [Int] = [try row["ab"], try row["b"], try row["a"]]
            let again: [Int] = [try row["b"], try row["b"], try row["ab"]]
            #expect(throws: DatabaseError.self) { try row["abc"] as Int }
            return backwards + again
        }
        #expect(rows == [[21, 11, 1, 11, 11, 21], [22, 12, 2, 12, 12, 22], [23, 13, 3, 13, 13, 23]])
        await database.close()
    }
}
