import Features
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct RowLevelSecurityTests {
    private struct Found: Sendable {
        let name: String
        let isEnabled: Bool
        let isForced: Bool
        let owner: String
    }

    private static func tables() async throws -> [Found] {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let found = try await database.all(
            """
            select n.nspname || '.' || c.relname as name, c.relrowsecurity as on, c.relforcerowsecurity as forced,
                   pg_get_userbyid(c.relowner) as owner
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
            order by 1
            """
        ) { Found(name: try $0["name"], isEnabled: try $0["on"], isForced: try $0["forced"], owner: try $0["owner"]) }
        await database.close()
        return found
    }

    @Test func `every table is declared with whose data it holds, and every declared table is there`() async throws {
        let product = try await TestNode.make().product
        #expect(try await Self.tables().map(\.name) == product.tables.map(\.name).sorted())
    }

    @Test func `row-level security is on and forced for every table of customers`() async throws {
        let product = try await TestNode.make().product
        let customers = Set(product.tables.filter { $0.holding == .customers }.map(\.name))
        for table in try await Self.tables() where customers.contains(table.name) {
            #expect(table.isEnabled && table.isForced, "\(table.name)")
            #expect(table.owner == "lean_owner", "\(table.name)")
        }
    }

    @Test func `no role of requests bypasses row-level security, and the server's role can do nothing by itself`()
        async throws
    {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let powerful: [String] = try await database.all(
            """
            select rolname::text as name from pg_roles
            where (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)
              and rolname in ('anon', 'authenticated', 'authenticator', 'lean_platform', 'lean_owner')
            """
        ) { try $0["name"] }
        #expect(powerful == [])
        let inherits: Bool = try await database.one(
            "select rolinherit as yes from pg_roles where rolname = 'authenticator'"
        ) { try $0["yes"] }
        #expect(inherits == false)
        await database.close()
        let authenticator = try await TestDatabase.current.pool(as: "authenticator")
        for statement: SQL in [
            "select 1 from auth.users", "select 1 from public.notes", "select 1 from lean.role_permissions",
            "set role postgres", "set role lean_owner", "set role lean_definer",
        ] {
            await #expect(throws: DatabaseError.self) { try await authenticator.run(statement) }
        }
        await authenticator.close()
    }

    @Test func `every column that a policy compares has an index that begins with it`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let bare: [String] = try await database.all(
            """
            select a.attrelid::regclass || '.' || a.attname as name
            from pg_attribute a
            join pg_class c on c.oid = a.attrelid and c.relkind = 'r' and c.relrowsecurity
            where a.attname in ('organization_id', 'user_id', 'owner_id') and not a.attisdropped
              and a.attrelid::regclass::text not in ('auth.sessions')
              and not exists (
                  select from pg_index i where i.indrelid = a.attrelid and i.indkey[0] = a.attnum)
              and exists (
                  select from pg_policies p
                  where p.schemaname || '.' || p.tablename = c.relnamespace::regnamespace || '.' || c.relname
                    and coalesce(p.qual, '') || coalesce(p.with_check, '') like '%' || a.attname || '%')
            """
        ) { try $0["name"] }
        #expect(bare == [])
        await database.close()
    }

    @Test func `the owner's migrations see and change all rows, forced security notwithstanding`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            _ = try await ada.client.post("/functions/v1/notes_write", ["title": "Before"])
            let owner = try await TestDatabase.current.pool(as: "lean_owner")
            #expect(try await owner.run("update public.notes set title = 'After'") == 1)
            await owner.close()
        }
    }

    @Test func `definer functions have a fixed search path`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let loose: [String] = try await database.all(
            """
            select p.oid::regprocedure::text as name from pg_proc p
            where p.prosecdef and p.pronamespace::regnamespace::text in ('auth', 'lean', 'public')
              and not coalesce(array_to_string(p.proconfig, ',') like '%search_path=%', false)
            """
        ) { try $0["name"] }
        #expect(loose == [])
        await database.close()
    }
}
