import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct MigratorTests {
    private static func settings() async throws -> DatabaseSettings {
        DatabaseSettings(url: try await TestDatabase.current.url(as: "lean_owner"))
    }

    private static let first = Migration("001_first", "create table public.first (n int);")
    private static let second = Migration(
        "002_second", "create table public.second (n int); insert into first values (1);")

    private static func set(_ migrations: [Migration]) -> [MigrationSet] {
        [MigrationSet(feature: "sample", migrations)]
    }

    @Test func `what is unapplied is applied, once and in order`() async throws {
        let settings = try await Self.settings()
        #expect(try await Migrator(settings, Self.set([Self.first])).up() == ["sample/001_first"])
        #expect(try await Migrator(settings, Self.set([Self.first, Self.second])).up() == ["sample/002_second"])
        #expect(try await Migrator(settings, Self.set([Self.first, Self.second])).up() == [])
    }

    @Test func `a migration that comes late in an earlier feature is applied too`() async throws {
        let settings = try await Self.settings()
        let later = MigrationSet(feature: "later", [Migration("001_later", "create table public.later (n int)")])
        _ = try await Migrator(settings, Self.set([Self.first]) + [later]).up()
        let applied = try await Migrator(settings, Self.set([Self.first, Self.second]) + [later]).up()
        #expect(applied == ["sample/002_second"])
    }

    @Test func `a changed past migration is refused before anything runs`() async throws {
        let settings = try await Self.settings()
        _ = try await Migrator(settings, Self.set([Self.first])).up()
        let changed = Migration("001_first", "create table public.first (n bigint);")
        await #expect(throws: MigrationFailure.self) {
            try await Migrator(settings, Self.set([changed, Self.second])).up()
        }
        let states = try await Migrator(settings, Self.set([changed, Self.second])).status()
        #expect(states.filter { $0.feature == "sample" }.map(\.standing) == [.changed, .pending])
    }

    @Test func `nothing of a failing migration stays, and its name is told`() async throws {
        let settings = try await Self.settings()
        let broken = Migration("002_broken", "create table public.half (n int); select 1 / 0;")
        do {
            _ = try await Migrator(settings, Self.set([Self.first, broken])).up()
            Issue.record("the migration cannot succeed")
        } catch MigrationFailure.failed(let name, let error) {
            #expect(name == "sample/002_broken")
            #expect(error.state.code == "22012")
        }
        let database = Database(settings)
        let tables: [Bool] = try await database.all(
            "select to_regclass(name) is not null as there from unnest(array['public.first', 'public.half']) as name"
        ) { try $0["there"] }
        #expect(tables == [true, false])
        await database.close()
    }

    @Test func `two nodes that start at once migrate once`() async throws {
        let settings = try await Self.settings()
        let sets = Self.set([Self.first, Self.second])
        async let one = Migrator(settings, sets).up()
        async let two = Migrator(settings, sets).up()
        #expect(try await (one + two).sorted() == ["sample/001_first", "sample/002_second"])
    }

    @Test func `an index is made concurrently, outside of a transaction`() async throws {
        let settings = try await Self.settings()
        let index = Migration.outsideTransaction(
            "002_index", "create index concurrently if not exists first_n on public.first (n)")
        #expect(try await Migrator(settings, Self.set([Self.first, index])).up().count == 2)
    }

    @Test func `a migration of a feature that is gone is told as unknown`() async throws {
        let settings = try await Self.settings()
        _ = try await Migrator(settings, Self.set([Self.first])).up()
        let states = try await Migrator(settings, []).status()
        #expect(states.contains { $0.id == "001_first" && $0.feature == "sample" && $0.standing == .unknown })
    }
}
