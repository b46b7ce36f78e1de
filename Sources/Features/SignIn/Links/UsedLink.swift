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
    /// Whom the letter went to.
    let recipient: String
    let metadata: JSON

    init(_ row: Row) throws {
        person = try row["user_id"]
        tokenType = try row["token_type"]
        flow = try row["flow_state_id"]
        wasConfirmed = try row["was_confirmed"]
        bannedUntil = try row["banned_until"]
        address = try row["email"]
        recipient = try row["relates_to"]
        metadata = try row["metadata"]
    }

    private static let columns: SQL = """
        u.id as user_id, t.token_type::text as token_type, t.flow_state_id::text as flow_state_id,
        u.email_confirmed_at is not null as was_confirmed, u.banned_until, u.email, t.relates_to,
        coalesce(u.raw_user_meta_data, '{}') as metadata
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

    /// By a code and the address that it was sent to. Each guess counts against what is open there before it is looked at, so
    /// that of many at once five are; and it outlives the refusal: the caller must commit either way.
    static func use(
        code: String, for address: String, types: [String], _ keys: LinkKeys, _ transaction: Transaction, now: Date
    ) async throws -> UsedLink? {
        let open: [String] = try await transaction.all(
            """
            update auth.one_time_tokens set attempts = attempts + 1
            where id = any(array(
                select id from auth.one_time_tokens
                where relates_to = \(address) and token_type::text = any(\(SQLArray(types))::text[])
                    and attempts < \(mostAttempts) and expires_at > \(now)
                order by id for update))
            returning id::text as id
            """
        ) { try $0["id"] }
        guard !open.isEmpty else { return nil }
        return try await transaction.first(
            """
            delete from auth.one_time_tokens t using auth.users u
            where t.id = any(\(SQLArray(open))::uuid[])
                and t.code_hash = \(OneTimeToken.hash(ofCode: code, for: address, keys))
                and u.id = t.user_id and u.deleted_at is null
            returning \(columns)
            """, UsedLink.init)
    }
}
