import Features
import Platform
import Postgres
import TestKit
import Testing

/// `auth.permits`, which all policies ask, is made of what the features declare.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct PermitsTests {
    @Test func `it says what the features declare, for every role and permission`() async throws {
        let product = try await TestNode.make().product
        let database = try await TestDatabase.current.pool(as: "postgres")
        for permission in product.permissions {
            for role in OrganizationRole.allCases {
                let permits: Bool = try await database.batch([
                    "select set_config('request.organization_role', \(role.rawValue), true)",
                    "select auth.permits(\(permission.name)) as yes",
                ])[1][0]["yes"]
                #expect(permits == permission.roles.contains(role), "\(role) \(permission.name)")
            }
        }
        await database.close()
    }

    @Test func `nobody's role, another role and an unknown permission are permitted nothing`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        for (role, permission) in [
            ("", "notes:read"), ("stranger", "notes:read"), ("owner", "notes:own"), ("owner", ""),
        ] {
            let permits: Bool? = try await database.batch([
                "select set_config('request.organization_role', \(role), true)",
                "select auth.permits(\(permission)) as yes",
            ])[1][0]["yes"]
            #expect(permits != true, "\(role) \(permission)")
        }
        await database.close()
    }

    @Test func `a permission that is declared later is permitted, one that is gone no longer`() async throws {
        let owner = try await TestDatabase.current.pool(as: "lean_owner")
        let permits = { (permission: String) async throws -> Bool in
            try await owner.batch([
                "select set_config('request.organization_role', 'member', true)",
                "select coalesce(auth.permits(\(permission)), false) as yes",
            ])[1][0]["yes"]
        }
        let odd = "it's:odd \\ $$"
        try await owner.run("insert into lean.role_permissions (role, permission) values ('member', \(odd))")
        try await owner.run("select lean.declare_permits()")
        #expect(try await permits(odd))
        #expect(try await permits("notes:read"))
        try await owner.run("delete from lean.role_permissions where permission = \(odd)")
        try await owner.run("select lean.declare_permits()")
        #expect(try await !permits(odd))
        #expect(try await permits("notes:read"))
        try await owner.run("delete from lean.role_permissions")
        try await owner.run("select lean.declare_permits()")
        #expect(try await !permits("notes:read"))
        await owner.close()
    }

    @Test func `policies hold the comparison itself, without a call`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let results = try await database.batch([
            "select set_config('request.organization_role', 'owner', true)",
            "explain (verbose) select (select auth.permits('notes:read'))",
        ])
        let plan = try results[1].map { row -> String in try row["QUERY PLAN"] }.joined(separator: "\n")
        #expect(!plan.contains("permits"), "\(plan)")
        #expect(plan.contains("request.organization_role"), "\(plan)")
        await database.close()
    }

    @Test func `no role of requests may declare`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        for role in ["anon", "authenticated", "service_role", "lean_platform", "authenticator"] {
            let may: Bool = try await database.one(
                "select has_function_privilege(\(role), 'lean.declare_permits()', 'execute') as yes"
            ) { try $0["yes"] }
            #expect(!may, "\(role)")
        }
        await database.close()
    }
}
