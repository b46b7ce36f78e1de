import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A link or a code that has just been used up: nobody else can have it.
struct UsedLink: Sendable {
    let person: ID<Person>
    let tokenType: String
    let flow: String?
    let wasConfirmed: Bool
    let bannedUntil: Date?
    let address: String?
    let newAddress: String?
    let metadata: JSON
    /// 1 when the other address has agreed to a change already.
    let agreed: Int

    init(_ row: Row) throws {
        person = try row["user_id"]
        tokenType = try row["token_type"]
        flow = try row["flow_state_id"]
        wasConfirmed = try row["was_confirmed"]
        bannedUntil = try row["banned_until"]
        address = try row["email"]
        newAddress = try row["email_change"]
        metadata = try row["metadata"]
        agreed = try row["agreed"]
    }

    private static let columns: SQL = """
        u.id as user_id, t.token_type::text as token_type, t.flow_state_id::text as flow_state_id,
        u.email_confirmed_at is not null as was_confirmed, u.banned_until, u.email, nullif(u.email_change, '') as email_change,
        coalesce(u.raw_user_meta_data, '{}') as metadata, coalesce(u.email_change_confirm_status, 0)::int4 as agreed
        """

    /// Wrong codes that one token survives.
    static let mostAttempts = 5

    /// By what a link carries: the row goes with it.
    static func use(token: String, types: [String], _ transaction: Transaction, now: Date) async throws -> UsedLink? {
        try await transaction.first(
            """
            delete from auth.one_time_tokens t using auth.users u
            where t.token_hash = \(OneTimeToken.hash(of: token)) and t.token_type::text = any(\(SQLArray(types))::text[])
                and t.expires_at > \(now) and u.id = t.user_id and u.deleted_at is null
            returning \(columns)
            """, UsedLink.init)
    }

    /// By a code and the address that it was sent to. A wrong one counts against what is open there, and outlives the
    /// refusal: the caller must commit either way.
    static func use(
        code: String, for address: String, types: [String], _ keys: LinkKeys, _ transaction: Transaction, now: Date
    ) async throws -> UsedLink? {
        let used = try await transaction.first(
            """
            delete from auth.one_time_tokens t using auth.users u
            where t.relates_to = \(address) and t.token_type::text = any(\(SQLArray(types))::text[])
                and t.code_hash = \(OneTimeToken.hash(ofCode: code, for: address, keys)) and t.attempts < \(mostAttempts)
                and t.expires_at > \(now) and u.id = t.user_id and u.deleted_at is null
            returning \(columns)
            """, UsedLink.init)
        if used == nil {
            try await transaction.run(
                """
                update auth.one_time_tokens set attempts = attempts + 1
                where relates_to = \(address) and token_type::text = any(\(SQLArray(types))::text[])
                    and attempts < \(mostAttempts)
                """)
        }
        return used
    }
}
