import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An organization, as one of its members sees it.
struct Membership: Output {
    let organization: ID<Organization>
    let name: String
    let isPersonal: Bool
    let role: String
    let createdAt: Date

    static let shape = Shape<Membership>(
        "Organization",
        [
            Member("id") { $0.organization },
            Member("name") { $0.name }.example("Analytical Engines"),
            Member("isPersonal") { $0.isPersonal }.example(false),
            Member("role") { $0.role }.example("owner"),
            Member("createdAt") { $0.createdAt },
        ])

    init(_ row: Row) throws {
        organization = try row["id"]
        name = try row["name"]
        isPersonal = try row["is_personal"]
        role = try row["role"]
        createdAt = try row["created_at"]
    }
}

extension Organizations {
    struct List: Output {
        let organizations: [Membership]

        static let shape = Shape<List>("OrganizationList", [Member("organizations") { $0.organizations }])
    }

    struct Naming: RequestInput {
        let name: String

        static let input = Input<Naming>(
            Field.text("name", 1...100, "What it is called.").example("Analytical Engines"), make: Naming.init(name:))
    }

    struct Which: RequestInput {
        let organization: ID<Organization>

        static let input = Input<Which>(.id("organizationId", "The organization."), make: Which.init(organization:))
    }

    /// All of them, not just the one acted for: so under the platform's role. Every page of a client asks for it, and
    /// it hardly ever changes.
    static func list(_ call: Call<Principal, NoInput>) async throws -> Written<List> {
        let person = call.caller.id
        let list = try await call.services.cache.value(for: key(person)) {
            Written(
                List(
                    organizations: try await call.platform.all(
                        """
                        select o.id, o.name, o.is_personal, m.role, o.created_at
                        from public.organization_members m
                        join public.organizations o on o.id = m.organization_id
                        where m.user_id = \(person)
                        order by o.created_at, o.id
                        limit 1000
                        """, Membership.init)))
        }
        guard let list else { throw Problem(.notFound) }
        return list
    }

    /// A person's organizations: whoever changes a membership forgets it.
    static func key(_ person: ID<Person>) -> CacheKey<Written<List>> {
        CacheKey(.userProfile, of: .person(person), "organizations")
    }

    /// Most organizations that one person makes.
    private static let perPerson = 100

    static func create(_ call: Call<Principal, Naming>) async throws -> Created<Membership> {
        let made = try await call.platform.transaction { transaction in
            let made = try await transaction.first(
                """
                with made as (
                    insert into public.organizations (name, created_by)
                    select \(call.input.name), \(call.caller.id)
                    where (select count(*) from public.organizations where created_by = \(call.caller.id)) < \(perPerson)
                    returning id, name, is_personal, created_at
                ), joined as (
                    insert into public.organization_members (organization_id, user_id, role)
                    select id, \(call.caller.id), 'owner' from made
                )
                select id, name, is_personal, 'owner' as role, created_at from made
                """, Membership.init)
            guard let made else { throw Problem(.tooManyOrganizations) }
            try await transaction.run(call.recording(.organizationCreated, of: .organization(made.organization)))
            return made
        }
        await call.services.cache.forget(key(call.caller.id))
        return Created(made)
    }

    /// The session acts for it from the next request on; tokens name it after the next refresh. Those who are no member
    /// are told that there is no such organization.
    static func switchTo(_ call: Call<Principal, Which>) async throws -> Membership {
        let membership = try await call.platform.first(
            """
            with switched as (
                update auth.sessions s set organization_id = m.organization_id
                from public.organization_members m
                where s.id = \(call.caller.session)
                  and m.user_id = \(call.caller.id) and m.organization_id = \(call.input.organization)
                returning m.organization_id, m.role
            )
            select o.id, o.name, o.is_personal, switched.role, o.created_at
            from switched join public.organizations o on o.id = switched.organization_id
            """, Membership.init)
        guard let membership else { throw Problem(.notFound) }
        call.forgetCaller()
        return membership
    }
}
