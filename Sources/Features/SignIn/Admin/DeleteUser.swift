import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    struct UserDeletion: RequestInput {
        let id: ID<Person>
        let isSoft: Bool

        static let input = Input<UserDeletion>(
            WhichUser.userID,
            Field.flag(
                "should_soft_delete", default: false,
                "Keep the row, so that what refers to it stays, without anything that tells whose it was."
            ).inBody,
            make: UserDeletion.init(id:isSoft:)
        )
    }

    /// Ends all sessions of the account with it. Its address is free again either way.
    func deleteUser(_ call: Call<Administrator, UserDeletion>) async throws -> Answer {
        let person = call.input.id
        let told = administering(person, call.input.isSoft ? "delete softly" : "delete", call)
        try await delete(person, keepingRow: call.input.isSoft, at: call.now, call.platform, with: [told])
        await forget(person, call.services)
        return Answer([:] as JSON)
    }

    /// What other features keep of a person they give up by triggers of their own.
    ///
    /// - Parameter more: written in the same transaction.
    /// - Throws: `Problem(.userNotFound)`.
    func delete(
        _ person: ID<Person>, keepingRow: Bool, at now: Date, _ database: Database, with more: [SQL] = []
    ) async throws {
        let end = keepingRow ? Self.erasure(of: person, now) : ["delete from auth.users where id = \(person)"]
        // Those of a session go with it; imported ones may have none.
        let tokens: SQL = "delete from auth.refresh_tokens where user_id = \(person.text) and session_id is null"
        try await database.transaction { transaction in
            let found = try await transaction.first("select id from auth.users where id = \(person) for update") { _ in
                true
            }
            guard found != nil else { throw Problem(.userNotFound) }
            for statement in [tokens, PendingSignUp.forgetting(of: person)] + more + end {
                try await transaction.run(statement)
            }
        }
    }

    /// What names the person is cleared rather than hashed: whoever has the row could try addresses against a hash.
    private static func erasure(of person: ID<Person>, _ now: Date) -> [SQL] {
        [
            "delete from auth.sessions where user_id = \(person)",
            "delete from auth.identities where user_id = \(person)",
            "delete from auth.one_time_tokens where user_id = \(person)",
            "delete from auth.flow_state where user_id = \(person)",
            "delete from lean.known_devices where user_id = \(person)",
            """
            update auth.users
            set email = null, phone = null, encrypted_password = null, email_change = null, phone_change = null,
                confirmation_token = null, recovery_token = null, email_change_token_new = null,
                email_change_token_current = '', phone_change_token = '', reauthentication_token = '',
                raw_user_meta_data = '{}', raw_app_meta_data = '{}', is_super_admin = false,
                deleted_at = \(now), updated_at = \(now)
            where id = \(person) and deleted_at is null
            """,
        ]
    }
}
