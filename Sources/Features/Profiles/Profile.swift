import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A person, as they see themselves while they act for an organization.
struct Profile: Output {
    let id: ID<Person>
    let email: String?
    let name: String?
    let avatarURL: String?
    /// `admin`, `user` or `readonly`: the guide's names of what a person may do in the organization.
    let role: String
    let permissions: [String]
    let metadata: JSON
    let preferences: Preferences
    let createdAt: Date
    let updatedAt: Date

    static let shape = Shape<Profile>(
        "Profile",
        [
            Member("id") { $0.id },
            Member("email") { $0.email }.example("ada@example.com"),
            Member("name") { $0.name }.example("Ada Lovelace"),
            Member("avatar_url") { $0.avatarURL }.example("https://example.com/ada.png"),
            Member("role") { $0.role }.example("admin"),
            Member("permissions") { $0.permissions }.example(["profile:read"]),
            Member("metadata") { $0.metadata }.example(["team": "engines"]),
            Member("preferences") { $0.preferences },
            Member("createdAt") { $0.createdAt },
            Member("updatedAt") { $0.updatedAt },
        ])
}

extension Profile {
    /// Of `public.profiles p`.
    static let columns: SQL = """
        p.id, auth.own_email() as email, p.name, p.avatar_url, p.metadata, \(Preferences.columns), p.created_at, p.updated_at
        """

    /// - Parameter permissions: all of the product's.
    init(_ row: Row, of role: OrganizationRole, _ permissions: [Permission]) throws {
        id = try row["id"]
        email = try row["email"]
        name = try row["name"]
        avatarURL = try row["avatar_url"]
        self.role = role.guideName
        self.permissions = permissions.filter { $0.roles.contains(role) }.map(\.name).sorted()
        metadata = try row["metadata"]
        preferences = try Preferences(row)
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }

    /// What a person sees depends on the organization that they act for and on their role in it, so both are in the name:
    /// a role that has changed is another key.
    static func key(_ caller: Principal) -> CacheKey<Written<Profile>> {
        CacheKey(.userProfile, of: .person(caller.id), "profile \(caller.organization.text) \(caller.role.rawValue)")
    }
}
