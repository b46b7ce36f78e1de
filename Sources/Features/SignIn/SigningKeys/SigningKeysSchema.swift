import Platform
import Postgres

extension SignIn {
    static let sealedColumns = [
        SealedColumn(StoredKey.privateColumn) { newest, last in
            """
            select kid as row, private_key as sealed from lean.signing_keys
            where not starts_with(private_key, \(newest)) and kid > \(last)
            order by kid
            limit 100
            """
        } replace: { row, old, new in
            "update lean.signing_keys set private_key = \(new) where kid = \(row) and private_key = \(old)"
        }
    ]

    /// At most one pair signs. A change is told by trigger, whoever makes it.
    static let signingKeysTable: StaticString = """
        create table lean.signing_keys (
            kid text primary key check (length(kid) between 1 and 128),
            algorithm text not null check (algorithm in ('ES256', 'RS256', 'EdDSA')),
            status text not null check (status in ('standby', 'in_use', 'previously_used', 'revoked')),
            public_jwk jsonb not null,
            private_key text not null,
            created_at timestamptz not null default now(),
            used_at timestamptz,
            retired_at timestamptz,
            revoked_at timestamptz
        );
        create unique index signing_keys_in_use on lean.signing_keys (status) where status = 'in_use';
        create unique index signing_keys_standby on lean.signing_keys (status) where status = 'standby';
        grant select, insert, update on lean.signing_keys to lean_platform;
        create function lean.tell_signing_keys() returns trigger language plpgsql set search_path = '' as $$
        begin
            perform pg_notify('lean_signing_keys', '');
            return null;
        end $$;
        create trigger tell_signing_keys after insert or update or delete on lean.signing_keys
        for each statement execute function lean.tell_signing_keys();
        """

    /// What is of no more use is erased.
    static let retiredKeys: StaticString = """
        alter table lean.signing_keys
            drop constraint signing_keys_status_check,
            add constraint signing_keys_status_check
                check (status in ('standby', 'in_use', 'previously_used', 'revoked', 'retired')),
            alter column private_key drop not null;
        update lean.signing_keys set private_key = null where status = 'revoked';
        alter table lean.signing_keys
            add constraint signing_keys_private_key_check
                check ((private_key is null) = (status in ('revoked', 'retired')));
        """
}
