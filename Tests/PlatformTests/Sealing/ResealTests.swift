import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ResealTests {
    private let old = KeyRing([Secret(String(repeating: "old-", count: 16))])
    private let both = KeyRing([
        Secret(String(repeating: "new-", count: 16)), Secret(String(repeating: "old-", count: 16)),
    ])
    private let lost = KeyRing([Secret(String(repeating: "lost", count: 16))])

    private let column = SealedColumn("public.things.secret") { newest, last in
        """
        select name as row, secret as sealed from things
        where not starts_with(secret, \(newest)) and name > \(last)
        order by name
        limit 100
        """
    } replace: { row, old, new in
        "update things set secret = \(new) where name = \(row) and secret = \(old)"
    }

    private func name(_ number: Int) -> String { "row-\(1_000 + number)" }

    private func place(_ row: String) -> SealedPlace { SealedPlace(column.name, row: row) }

    private func filled(_ count: Int, _ ring: (Int) -> KeyRing) async throws -> Database {
        let database = try await TestDatabase.current.pool(as: "postgres")
        try await database.run("create table things (name text primary key, secret text not null)")
        for number in 0..<count {
            let row = name(number)
            let sealed = try ring(number).seal("secret \(number)", for: place(row))
            try await database.run("insert into things (name, secret) values (\(row), \(sealed))")
        }
        return database
    }

    private func all(_ database: Database) async throws -> [(name: String, secret: SealedText)] {
        try await database.all("select name, secret from things order by name") { (try $0["name"], try $0["secret"]) }
    }

    @Test func `a value that does not open keeps no other from being sealed anew`() async throws {
        // More than a page of them, and at the beginning.
        let database = try await filled(350) { $0 < 130 || $0 == 300 ? lost : old }
        let done = try await column.reseal(with: both, on: database)
        #expect(done.count == 219)
        #expect(done.refused.map(\.row) == (Array(0..<130) + [300]).map(name))
        #expect(!done.isWhole)
        let newest = KeyRing([Secret(String(repeating: "new-", count: 16))])
        for (index, row) in try await all(database).enumerated() where index >= 130 && index != 300 {
            #expect(try newest.open(row.secret, for: place(row.name)) == "secret \(index)")
        }
        let again = try await column.reseal(with: both, on: database)
        #expect(again.count == 0)
        #expect(again.refused.count == 131)
        let whole = KeyRing([
            Secret(String(repeating: "new-", count: 16)), Secret(String(repeating: "lost", count: 16)),
        ])
        let mended = try await column.reseal(with: whole, on: database)
        #expect(mended.count == 131)
        #expect(mended.isWhole)
        await database.close()
    }

    @Test func `what others write meanwhile is kept, and sealed anew too`() async throws {
        let database = try await filled(250) { _ in old }
        let writing = Task {
            var written: [Int: Int] = [:]
            for turn in 0..<400 {
                let number = turn * 7 % 250
                let row = name(number)
                // A node that has not been told of the new key yet, and one that has.
                let sealed = try (turn % 2 == 0 ? old : both).seal("turn \(turn)", for: place(row))
                try await database.run("update things set secret = \(sealed) where name = \(row)")
                written[number] = turn
            }
            return written
        }
        _ = try await column.reseal(with: both, on: database)
        let written = try await writing.value
        #expect(try await column.reseal(with: both, on: database).isWhole)
        let newest = KeyRing([Secret(String(repeating: "new-", count: 16))])
        for (index, row) in try await all(database).enumerated() {
            let wanted = written[index].map { "turn \($0)" } ?? "secret \(index)"
            #expect(try newest.open(row.secret, for: place(row.name)) == wanted)
        }
        await database.close()
    }

    @Test func `without a key nothing is sealed`() async throws {
        let database = try await filled(1) { _ in old }
        await #expect(throws: SealRefusal.noKey) { try await column.reseal(with: KeyRing([]), on: database) }
        await database.close()
    }
}
