import Platform
import Postgres

extension SignIn {
    /// Supabase's `auth` tables, by its names, so that its users can be loaded and ours can leave. Tokens are hashes.
    static let schema = Schema(
        tables: [
            Table(
                "auth.users", .customers,
                personal: ["id", "email", "phone", "raw_user_meta_data", "email_change", "phone_change"],
                kept: .whileCustomer),
            Table(
                "auth.identities", .customers, personal: ["user_id", "provider_id", "identity_data", "email"],
                kept: .whileCustomer),
            Table("auth.sessions", .customers, personal: ["user_id", "user_agent", "ip", "device"], kept: .days(30)),
            Table("auth.refresh_tokens", .customers, personal: ["user_id"], kept: .days(30)),
            Table("lean.signing_keys", .platform, personal: [], kept: .forever),
        ] + linkTables + accountTables,
        migrations: [
            Migration("001_users", users),
            Migration("002_identities", identities),
            Migration("003_sessions", sessions),
            Migration("004_row_level_security", rowLevelSecurity),
            Migration("005_membership", membership),
            Migration("006_enter", enter),
            Migration("007_tell_revocations", tellRevocations),
            Migration("008_signing_keys", signingKeysTable),
            Migration("009_allowance", allowance),
            Migration("010_retired_keys", retiredKeys),
            Migration("011_one_time_tokens", oneTimeTokens),
        ] + accountMigrations,
        sealed: sealedColumns
    )

    private static let users: StaticString = """
        create table auth.users (
            instance_id uuid,
            id uuid primary key,
            aud varchar(255),
            role varchar(255),
            email varchar(255),
            encrypted_password varchar(255),
            email_confirmed_at timestamptz,
            invited_at timestamptz,
            confirmation_token varchar(255),
            confirmation_sent_at timestamptz,
            recovery_token varchar(255),
            recovery_sent_at timestamptz,
            email_change_token_new varchar(255),
            email_change varchar(255),
            email_change_sent_at timestamptz,
            last_sign_in_at timestamptz,
            raw_app_meta_data jsonb,
            raw_user_meta_data jsonb,
            is_super_admin boolean,
            created_at timestamptz,
            updated_at timestamptz,
            phone text unique,
            phone_confirmed_at timestamptz,
            phone_change text default '',
            phone_change_token varchar(255) default '',
            phone_change_sent_at timestamptz,
            confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
            email_change_token_current varchar(255) default '',
            email_change_confirm_status smallint default 0 check (email_change_confirm_status between 0 and 2),
            banned_until timestamptz,
            reauthentication_token varchar(255) default '',
            reauthentication_sent_at timestamptz,
            is_sso_user boolean not null default false,
            deleted_at timestamptz,
            is_anonymous boolean not null default false
        );
        create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;
        create index users_instance_id_email_idx on auth.users (lower(email));
        """

    private static let identities: StaticString = """
        create table auth.identities (
            provider_id text not null,
            user_id uuid not null references auth.users (id) on delete cascade,
            identity_data jsonb not null,
            provider text not null,
            last_sign_in_at timestamptz,
            created_at timestamptz,
            updated_at timestamptz,
            email text generated always as (lower(identity_data ->> 'email')) stored,
            id uuid primary key default gen_random_uuid(),
            constraint identities_provider_id_provider_unique unique (provider_id, provider)
        );
        create index identities_user_id_idx on auth.identities (user_id);
        """

    /// `organization_id` is ours: which of the person's organizations the session acts for; null is the personal one.
    private static let sessions: StaticString = """
        create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');
        create table auth.sessions (
            id uuid primary key,
            user_id uuid not null references auth.users (id) on delete cascade,
            created_at timestamptz,
            updated_at timestamptz,
            factor_id uuid,
            aal auth.aal_level,
            not_after timestamptz,
            refreshed_at timestamp,
            user_agent text,
            ip inet,
            tag text,
            organization_id uuid
        );
        create index sessions_user_id_idx on auth.sessions (user_id);
        create table auth.refresh_tokens (
            instance_id uuid,
            id bigint generated by default as identity primary key,
            token varchar(255) unique,
            user_id varchar(255),
            revoked boolean,
            created_at timestamptz,
            updated_at timestamptz,
            parent varchar(255),
            session_id uuid references auth.sessions (id) on delete cascade
        );
        create index refresh_tokens_session_id_idx on auth.refresh_tokens (session_id);
        create index refresh_tokens_parent_idx on auth.refresh_tokens (parent);
        """

    /// Only the platform's role reads and writes these tables; people see themselves through the auth routes.
    private static let rowLevelSecurity: StaticString = """
        grant select, insert, update, delete on auth.users, auth.identities, auth.sessions, auth.refresh_tokens
            to lean_platform;
        grant select on auth.users, auth.sessions to lean_definer;

        alter table auth.users enable row level security;
        alter table auth.users force row level security;
        create policy platform on auth.users to lean_platform using (true) with check (true);
        create policy owner on auth.users to lean_owner using (true) with check (true);

        alter table auth.identities enable row level security;
        alter table auth.identities force row level security;
        create policy platform on auth.identities to lean_platform using (true) with check (true);
        create policy owner on auth.identities to lean_owner using (true) with check (true);

        alter table auth.sessions enable row level security;
        alter table auth.sessions force row level security;
        create policy platform on auth.sessions to lean_platform using (true) with check (true);
        create policy owner on auth.sessions to lean_owner using (true) with check (true);

        alter table auth.refresh_tokens enable row level security;
        alter table auth.refresh_tokens force row level security;
        create policy platform on auth.refresh_tokens to lean_platform using (true) with check (true);
        create policy owner on auth.refresh_tokens to lean_owner using (true) with check (true);
        """

    /// The organization that a session acts for, and the person's role in it. Whoever keeps organizations replaces this
    /// function: sign-in alone knows of none.
    private static let membership: StaticString = """
        create function auth.membership(person uuid, wanted uuid)
        returns table (organization_id uuid, role text) language sql stable as $$
            select null::uuid, null::text where false
        $$;
        """

    /// The API calls that an organization has. Whoever keeps tiers replaces this function: sign-in alone knows of none.
    private static let allowance: StaticString = """
        create function auth.allowance(organization uuid)
        returns table (tier text, requests_per_hour integer) language sql stable as $$
            select 'free'::text, null::integer
        $$;
        """

    /// The check that each of a person's transactions begins with: the session still stands, and the role is what the
    /// node believes. It raises, so nothing after it in the pipeline runs.
    private static let enter: StaticString = """
        create function auth.enter(session uuid, person uuid, organization uuid, believed text) returns text
        language plpgsql stable security definer set search_path = '' as $$
        declare
            found uuid;
            acts_for uuid;
            live text;
        begin
            select s.id, m.organization_id, m.role into found, acts_for, live
            from auth.sessions s
            join auth.users u on u.id = s.user_id
            left join lateral auth.membership(s.user_id, s.organization_id) m on true
            where s.id = session
              and s.user_id = person
              and (s.not_after is null or s.not_after > now())
              and (u.banned_until is null or u.banned_until <= now())
              and u.deleted_at is null;
            if found is null then
                raise exception 'the session has ended' using errcode = 'LS001';
            end if;
            if acts_for is distinct from organization or live is distinct from believed then
                raise exception 'the role has changed' using errcode = 'LS002';
            end if;
            return live;
        end $$;
        alter function auth.enter(uuid, uuid, uuid, text) owner to lean_definer;
        revoke execute on function auth.enter(uuid, uuid, uuid, text) from public;
        grant execute on function auth.enter(uuid, uuid, uuid, text) to authenticator;
        """

    /// Whatever ends a session or changes a person, by whatever hand, is told to all nodes when it commits. The payload is
    /// the person's id.
    private static let tellRevocations: StaticString = """
        create function auth.tell_session() returns trigger language plpgsql set search_path = '' as $$
        begin
            perform pg_notify('lean_sessions', old.user_id::text);
            return null;
        end $$;
        create trigger tell_session after delete on auth.sessions
        for each row execute function auth.tell_session();
        create trigger tell_session_change after update on auth.sessions
        for each row when (
            old.organization_id is distinct from new.organization_id or old.not_after is distinct from new.not_after
        ) execute function auth.tell_session();

        create function auth.tell_person() returns trigger language plpgsql set search_path = '' as $$
        begin
            perform pg_notify('lean_sessions', old.id::text);
            return null;
        end $$;
        create trigger tell_person after update or delete on auth.users
        for each row execute function auth.tell_person();
        """
}
