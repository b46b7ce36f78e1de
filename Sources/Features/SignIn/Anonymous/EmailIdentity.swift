import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The identity that an address gives a person: there is one, whatever addresses they have had.
enum EmailIdentity {
    /// Makes it, or gives it the new address. Whoever was anonymous is so no more once an address is confirmed.
    static func statements(
        of person: ID<Person>, _ address: String, isConfirmed: Bool, _ now: Date
    ) -> [SQL] {
        let data: JSON = [
            "sub": .string(person.text), "email": .string(address), "email_verified": .bool(isConfirmed),
            "phone_verified": false,
        ]
        let identity: SQL = """
            insert into auth.identities as i (
                provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
            select \(person.text), u.id, \(data)::jsonb, 'email', \(now), \(now), \(now)
            from auth.users u
            where u.id = \(person) and u.deleted_at is null
            on conflict (provider_id, provider) do update
            set identity_data = i.identity_data || excluded.identity_data, updated_at = excluded.updated_at
            """
        guard isConfirmed else { return [identity] }
        return [
            identity,
            """
            update auth.users
            set is_anonymous = false,
                raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || \(NewAccount.appMetadata)::jsonb
            where id = \(person) and is_anonymous and deleted_at is null
            """,
        ]
    }
}
