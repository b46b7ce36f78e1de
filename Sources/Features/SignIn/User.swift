import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A person as GoTrue's clients read one. Members without a value are left out, as GoTrue does.
struct User: JSONWritable, Answerable {
    let id: ID<Person>
    var email: String?
    let phone: String?
    let emailConfirmedAt: Date?
    let phoneConfirmedAt: Date?
    let lastSignInAt: Date?
    let appMetadata: JSON
    let userMetadata: JSON
    let identities: JSON
    let createdAt: Date
    let updatedAt: Date
    let isAnonymous: Bool
    var bannedUntil: Date?
    var deletedAt: Date?
    let letters: UserLetters

    static var memberType: MemberType { .record("User", members) }

    /// What answers have that say more beside the person.
    static let members: [(String, MemberType)] =
        [
            ("id", .uuid), ("aud", .string.example("authenticated")), ("role", .string.example("authenticated")),
            ("email", .string.example("ada@example.com")), ("email_confirmed_at", .optional(.time)),
            ("phone", .string.example("")), ("phone_confirmed_at", .optional(.time)),
            ("confirmed_at", .optional(.time)), ("last_sign_in_at", .optional(.time)),
            ("app_metadata", .object.example(NewAccount.appMetadata)),
            ("user_metadata", .object.example(["plan": "early"])), ("identities", .list(identityType)),
            ("created_at", .time), ("updated_at", .time), ("is_anonymous", .boolean.example(false)),
            ("banned_until", .optional(.time)), ("deleted_at", .optional(.time)),
        ] + UserLetters.members

    private static let identityType = MemberType.record(
        "Identity",
        [
            ("identity_id", .uuid), ("id", .string.example("8f14e45f-ceea-467f-a9d8-2d3f1b6c7a10")), ("user_id", .uuid),
            ("identity_data", .object.example(["email": "ada@example.com", "email_verified": false])),
            ("provider", .string.example("email")), ("last_sign_in_at", .nullable(.time)),
            ("created_at", .nullable(.time)), ("updated_at", .nullable(.time)),
            ("email", .nullable(.string).example("ada@example.com")),
        ])

    static var success: Success? { .json(memberType) }
    var answer: Answer { Answer(self) }

    /// The members, for answers that say more beside them.
    var json: JSONObject {
        do {
            return try JSON(parsing: JSONWriter.bytes(of: self)).object ?? [:]
        } catch {
            preconditionFailure("what the writer writes can be read: \(error)")
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        member("id", id, &writer)
        member("aud", "authenticated", &writer)
        member("role", "authenticated", &writer)
        member("email", email ?? "", &writer)
        member("email_confirmed_at", emailConfirmedAt, &writer)
        member("phone", phone ?? "", &writer)
        member("phone_confirmed_at", phoneConfirmedAt, &writer)
        member("confirmed_at", emailConfirmedAt ?? phoneConfirmedAt, &writer)
        member("last_sign_in_at", lastSignInAt, &writer)
        member("app_metadata", appMetadata, &writer)
        member("user_metadata", userMetadata, &writer)
        member("identities", identities, &writer)
        member("created_at", createdAt, &writer)
        member("updated_at", updatedAt, &writer)
        member("is_anonymous", isAnonymous, &writer)
        member("banned_until", bannedUntil, &writer)
        member("deleted_at", deletedAt, &writer)
        letters.write(to: &writer)
        writer.endObject()
    }

    private func member(_ name: String, _ value: some JSONWritable, _ writer: inout JSONWriter) {
        writer.key(name)
        value.write(to: &writer)
    }

    private func member(_ name: String, _ value: Date?, _ writer: inout JSONWriter) {
        if let value { member(name, value, &writer) }
    }
}

extension User {
    /// Of `auth.users u`.
    static let columns: SQL = """
        u.id, u.email, u.phone, u.email_confirmed_at, u.phone_confirmed_at, u.last_sign_in_at,
        coalesce(u.raw_app_meta_data, '{}') as app_metadata, coalesce(u.raw_user_meta_data, '{}') as user_metadata,
        u.created_at, u.updated_at, u.is_anonymous, u.banned_until, u.deleted_at, \(UserLetters.columns),
        (select coalesce(jsonb_agg(jsonb_build_object(
            'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
            'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
            'updated_at', i.updated_at, 'email', i.email) order by i.created_at), '[]')
         from auth.identities i where i.user_id = u.id) as identities
        """

    init(_ row: Row) throws {
        id = try row["id"]
        email = try row["email"]
        phone = try row["phone"]
        emailConfirmedAt = try row["email_confirmed_at"]
        phoneConfirmedAt = try row["phone_confirmed_at"]
        lastSignInAt = try row["last_sign_in_at"]
        appMetadata = try row["app_metadata"]
        userMetadata = try row["user_metadata"]
        identities = try row["identities"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
        isAnonymous = try row["is_anonymous"]
        bannedUntil = try row["banned_until"]
        deletedAt = try row["deleted_at"]
        letters = try UserLetters(row)
    }

    /// Nobody of whom more is told than an address.
    init(nobodyAt address: String, _ now: Date) {
        id = ID()
        email = address
        (phone, emailConfirmedAt, phoneConfirmedAt, lastSignInAt) = (nil, nil, nil, nil)
        (appMetadata, userMetadata, identities) = ([:], [:], [])
        (createdAt, updatedAt) = (now, now)
        isAnonymous = false
        letters = UserLetters()
    }
}
