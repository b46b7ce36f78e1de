import Platform
import Postgres

/// Keeps `lean.role_permissions`, and `auth.permits` that is made of it for policies, equal to what the features declare.
enum PermissionTable {
    static func write(_ product: Product, on owner: Database) async throws {
        let pairs = product.permissions.flatMap { permission in
            permission.roles.map { (role: $0.rawValue, permission: permission.name) }
        }
        let roles = SQLArray(pairs.map(\.role))
        let permissions = SQLArray(pairs.map(\.permission))
        _ = try await owner.batch([
            """
            delete from lean.role_permissions p
            where not exists (
                select 1 from unnest(\(roles)::text[], \(permissions)::text[]) as declared (role, permission)
                where declared.role = p.role and declared.permission = p.permission)
            """,
            """
            insert into lean.role_permissions (role, permission)
            select role, permission from unnest(\(roles)::text[], \(permissions)::text[]) as declared (role, permission)
            on conflict do nothing
            """,
            "select lean.declare_permits()",
        ])
    }
}
