import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an administrator says of an account. What is left out stays as it is; empty text counts as left out.
struct UserAttributes: Sendable {
    let email: EmailAddress?
    let isConfirmed: Bool
    let hash: PasswordHash?
    let userMetadata: JSONObject
    let appMetadata: JSONObject
    /// Nil: stays.
    let ban: BanDuration?

    /// Tokens name the role of the database that they act under; a person's is always `authenticated`.
    static let roles = ["authenticated", ""]

    /// The fields, as the clients name them.
    struct Fields: Sendable {
        let email = Field.optionalText("email", 0...254, "The address.").example("grace@example.com")
        let phone = Field.optionalText("phone", 0...32, "Not offered.").withoutExample
        let password = Field.optionalText("password", 0...1_000, "The password. Changing it ends all sessions.")
        let passwordHash = Field.optionalText(
            "password_hash", 0...255,
            "In place of `password`: its hash by bcrypt, argon2i or argon2id, as another system kept it."
        ).withoutExample
        let emailConfirm = Field.flag("email_confirm", default: false, "Whether the address counts as confirmed.")
        let userMetadata = Field.object(
            "user_metadata", maxBytes: 16_384, "Merged into the person's own metadata; null removes a member.")
        let appMetadata = Field.object(
            "app_metadata", maxBytes: 16_384, "Merged into the product's metadata of the person; null removes a member."
        )
        let banDuration = Field.optionalText(
            "ban_duration", 0...32, "`24h`, `1h30m` and the like: refused for so long from now. `none` lifts a ban."
        ).example("none").must("be none, or a duration such as 24h of at most 100 years") {
            $0.map { $0.isEmpty || BanDuration($0) != nil } ?? true
        }
        let role = Field.optionalChoice("role", roles, "The database role of the person's tokens.")
    }

    /// As they came in.
    struct Given: Sendable {
        let email: String?
        let phone: String?
        let password: String?
        let passwordHash: String?
        let emailConfirm: Bool
        let userMetadata: JSONObject?
        let appMetadata: JSONObject?
        let banDuration: String?
    }
}

extension SignIn {
    /// - Throws: `Problem` for what is no address, no good password, or no hash that a sign-in could check.
    func attributes(
        _ given: UserAttributes.Given, for owner: PasswordOwner, _ services: Services
    ) async throws -> UserAttributes {
        guard (given.phone ?? "").isEmpty else { throw Problem(.phoneDisabled) }
        let email = try given.email.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(Problem) in
            try EmailAddress(text)
        }
        return UserAttributes(
            email: email, isConfirmed: given.emailConfirm, hash: try await hash(given, for: owner, services),
            userMetadata: given.userMetadata ?? [:], appMetadata: given.appMetadata ?? [:],
            ban: given.banDuration.flatMap(BanDuration.init))
    }

    private func hash(
        _ given: UserAttributes.Given, for owner: PasswordOwner, _ services: Services
    ) async throws -> PasswordHash? {
        let password = given.password ?? ""
        let imported = given.passwordHash ?? ""
        guard password.isEmpty || imported.isEmpty else {
            throw Problem(.validationFailed, "Only a password or a password hash should be provided")
        }
        if !imported.isEmpty {
            let hash = PasswordHash(text: imported)
            guard hash.isWellFormed else {
                throw Problem(
                    .validationFailed,
                    "password_hash must be by bcrypt of cost 4 to 16, or by argon2 within 256 MiB and bounded work")
            }
            return hash
        }
        guard !password.isEmpty else { return nil }
        return try await passwords.hash(try await passwordRule.admit(password, for: owner, services))
    }
}

extension UserAttributes {
    /// The person's row, changed as said. No row: there is no such account, or it was deleted.
    func update(_ person: ID<Person>, _ now: Date) -> SQL {
        let bannedUntil = ban?.duration.map { now.addingTimeInterval($0.inSeconds) }
        return """
            update auth.users u
            set email = coalesce(\(email?.text), u.email),
                email_confirmed_at = case
                    when \(isConfirmed) then coalesce(u.email_confirmed_at, \(now)::timestamptz)
                    else u.email_confirmed_at
                end,
                encrypted_password = coalesce(\(hash?.text), u.encrypted_password),
                raw_user_meta_data = \(Self.merged("u.raw_user_meta_data", userMetadata)),
                raw_app_meta_data = \(Self.merged("u.raw_app_meta_data", appMetadata)),
                banned_until = case when \(ban != nil) then \(bannedUntil)::timestamptz else u.banned_until end,
                updated_at = \(now)
            where u.id = \(person) and u.deleted_at is null
            returning u.id
            """
    }

    /// A member that is null is removed; the others are set.
    private static func merged(_ column: SQL, _ change: JSONObject) -> SQL {
        let removed = SQLArray(change.filter { $0.value == .null }.map(\.key))
        return "(coalesce(\(column), '{}') || \(JSON.object(change))::jsonb) - \(removed)::text[]"
    }

    /// The identity that an address gives.
    func identity(_ person: ID<Person>, _ now: Date) -> [SQL] {
        guard let email else { return [] }
        return EmailIdentity.statements(of: person, email.text, isConfirmed: isConfirmed, now)
    }
}
