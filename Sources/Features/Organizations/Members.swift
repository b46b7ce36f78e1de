import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A member, as the others see them.
struct OrganizationMember: Output {
    let person: ID<Person>
    let role: String
    let since: Date

    static let shape = Shape<OrganizationMember>(
        "Member",
        [
            Member("personId") { $0.person },
            Member("role") { $0.role }.example("member"),
            Member("since") { $0.since },
        ])

    init(_ row: Row) throws {
        person = try row["user_id"]
        role = try row["role"]
        since = try row["created_at"]
    }
}

extension Organizations {
    struct MemberList: Output {
        let members: [OrganizationMember]

        static let shape = Shape<MemberList>("MemberList", [Member("members") { $0.members }])
    }

    struct RoleChange: RequestInput {
        let person: ID<Person>
        let role: String

        static let input = Input<RoleChange>(
            .id("personId", "The member."),
            .choice("role", OrganizationRole.allCases.map(\.rawValue), "The new role."),
            make: RoleChange.init(person:role:)
        )
    }

    struct WhichMember: RequestInput {
        let person: ID<Person>

        static let input = Input<WhichMember>(.id("personId", "The member."), make: WhichMember.init(person:))
    }

    static func members(_ call: Call<Principal, NoInput>) async throws -> MemberList {
        MemberList(
            members: try await call.database.all(
                "select user_id, role, created_at from organization_members order by created_at, user_id limit 1000",
                OrganizationMember.init))
    }

    static func changeRole(_ call: Call<Principal, RoleChange>) async throws -> OrganizationMember {
        let organization = call.caller.organization
        let change = call.input
        let told = call.recording(.roleChanged, of: .person(change.person), ["role": change.role])
        let member = try await call.platform.transaction { transaction in
            try await guardOwners(call.caller, losing: change.person, gaining: change.role, transaction)
            let member = try await transaction.first(
                """
                update public.organization_members set role = \(change.role)
                where organization_id = \(organization) and user_id = \(change.person)
                returning user_id, role, created_at
                """, OrganizationMember.init)
            guard let member else { throw Problem(.notFound) }
            try await transaction.run(told)
            return member
        }
        await call.services.cache.forget(key(change.person))
        return member
    }

    static func remove(_ call: Call<Principal, WhichMember>) async throws -> NoContent {
        let organization = call.caller.organization
        let person = call.input.person
        let told = call.recording(.memberRemoved, of: .person(person))
        try await call.platform.transaction { transaction in
            try await guardOwners(call.caller, losing: person, gaining: nil, transaction)
            let removed = try await transaction.run(
                """
                delete from public.organization_members
                where organization_id = \(organization) and user_id = \(person)
                """)
            guard removed == 1 else { throw Problem(.notFound) }
            try await transaction.run(told)
        }
        await call.services.cache.forget(key(person))
        return NoContent()
    }

    /// Owners are made, changed and removed by owners alone, and one always stays. The rows of all owners are locked, in
    /// one order, so that two owners cannot remove each other at the same moment.
    private static func guardOwners(
        _ caller: Principal, losing person: ID<Person>, gaining role: String?, _ transaction: Transaction
    ) async throws {
        let owners: [ID<Person>] = try await transaction.all(
            """
            select user_id from public.organization_members
            where organization_id = \(caller.organization) and role = 'owner'
            order by user_id for update
            """
        ) { try $0["user_id"] }
        let touchesOwner = owners.contains(person) || role == OrganizationRole.owner.rawValue
        // Read again under the lock: the caller may have been an owner a moment ago.
        guard !touchesOwner || owners.contains(caller.id) else { throw Problem(.aboveYourRole) }
        let staysOwner = role == OrganizationRole.owner.rawValue
        guard staysOwner || owners != [person] else { throw Problem(.lastOwner) }
    }
}
