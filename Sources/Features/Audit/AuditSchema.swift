import Platform
import Postgres

extension Audit {
    static let schema = Schema(
        tables: [
            Table(
                "public.audit_logs", .customers, personal: ["actor_id", "target_id", "session_id"], kept: .forever),
            Table(
                "lean.audit_personal", .customers, personal: ["person_id", "address", "agent", "email"],
                kept: .days(daysOfPersonal)),
            Table("lean.audit_unsealed", .platform, personal: [], kept: .days(1)),
            Table("lean.audit_batches", .platform, personal: [], kept: .forever),
        ],
        migrations: [
            Migration("001_logs", logs), Migration("002_chain", chain), Migration("003_access", access),
            Migration("004_record", record), Migration("005_functions", functions),
            Migration("006_sessions", sessionFunctions), Migration("007_batches", batches),
            Migration("008_reach", reach), Migration("009_ids", ids),
        ]
    )

    /// A row says what was done by ids and codes; what names a person or a place stands in the other table, whose values the row
    /// answers for by a salted hash: they can be erased, and not exchanged.
    private static let logs: StaticString = """
        create table public.audit_logs (
            id uuid primary key default gen_random_uuid(),
            created_at timestamptz not null default now(),
            event_type text not null check (char_length(event_type) between 1 and 100),
            event_action text not null check (char_length(event_action) between 1 and 100),
            event_category text not null
                check (event_category in ('auth', 'billing', 'api', 'system', 'security', 'admin')),
            event_result text not null default 'success'
                check (event_result in ('success', 'failure', 'denied', 'error')),
            event_message text check (char_length(event_message) <= 1000),
            event_data jsonb not null default '{}'
                check (jsonb_typeof(event_data) = 'object' and octet_length(event_data::text) <= 16384),
            is_security boolean not null default false,
            actor_type text not null default 'system'
                check (actor_type in ('person', 'operator', 'service', 'visitor', 'system', 'api_key')),
            actor_id uuid,
            organization_id uuid,
            session_id uuid,
            target_type text check (char_length(target_type) between 1 and 100),
            target_id text check (char_length(target_id) between 1 and 200),
            request_id text check (char_length(request_id) <= 200),
            module_name text check (char_length(module_name) <= 100),
            function_name text check (char_length(function_name) <= 200),
            personal bytea
        );
        create index audit_logs_created_at_idx on public.audit_logs (created_at, id);
        create index audit_logs_actor_idx on public.audit_logs (actor_id, created_at) where actor_id is not null;
        create index audit_logs_target_idx on public.audit_logs (target_id, created_at) where target_id is not null;
        create index audit_logs_organization_idx on public.audit_logs (organization_id, created_at)
            where organization_id is not null;
        create index audit_logs_security_idx on public.audit_logs (created_at)
            where is_security or event_category = 'security';

        create table lean.audit_personal (
            audit_id uuid primary key,
            person_id uuid,
            salt bytea not null check (octet_length(salt) = 16),
            address text check (char_length(address) <= 100),
            agent text check (char_length(agent) <= 500),
            email text check (char_length(email) <= 254),
            at timestamptz not null default now()
        );
        create index audit_personal_person_idx on lean.audit_personal (person_id) where person_id is not null;
        create index audit_personal_at_idx on lean.audit_personal (at);
        """

    /// Every row is put on the list of those to be sealed, by whatever hand it was written. Sealed, it has a number, and a hash
    /// over itself and the hash of the one before. Rows of all three tables stay as they are.
    private static let chain: StaticString = """
        create table lean.audit_unsealed (
            position bigint generated always as identity primary key,
            audit_id uuid not null,
            at timestamptz not null default now()
        );
        -- Rows live for a second: the dead versions that each leaves are cleared away before the scan meets many.
        alter table lean.audit_unsealed set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000);
        create table lean.audit_seals (
            sequence bigint primary key check (sequence > 0),
            audit_id uuid not null unique,
            hash bytea not null check (octet_length(hash) = 32)
        );
        create table lean.audit_heads (
            sequence bigint primary key,
            hash bytea not null check (octet_length(hash) = 32),
            mac text check (char_length(mac) <= 200),
            at timestamptz not null
        );

        -- PostgreSQL asks it of whoever is to own a function there; it is taken back at once.
        grant create on schema lean to lean_definer;
        create function lean.queue_for_seal() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
            insert into lean.audit_unsealed (audit_id) select id from inserted;
            return null;
        end $$;
        alter function lean.queue_for_seal() owner to lean_definer;
        revoke create on schema lean from lean_definer;
        revoke execute on function lean.queue_for_seal() from public;
        create trigger queue_for_seal after insert on public.audit_logs
        referencing new table as inserted for each statement execute function lean.queue_for_seal();

        create function lean.only_append() returns trigger language plpgsql set search_path = '' as $$
        begin
            raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
        end $$;
        create trigger only_append before update or delete or truncate on public.audit_logs
        for each statement execute function lean.only_append();
        create trigger only_append before update or delete or truncate on lean.audit_seals
        for each statement execute function lean.only_append();
        create trigger only_append before update or delete or truncate on lean.audit_heads
        for each statement execute function lean.only_append();
        """

    /// People see what they did and what was done to them, those with the permission what was done in the organization. Nobody may
    /// change a row: not the platform, not service_role.
    private static let access: StaticString = """
        alter table public.audit_logs enable row level security;
        alter table public.audit_logs force row level security;
        create policy platform on public.audit_logs for select to lean_platform using (true);
        create policy owner on public.audit_logs for select to lean_owner using (true);
        create policy own on public.audit_logs for select to authenticated using (
            actor_id = (select auth.uid())
            or (target_type = 'person' and target_id = (select auth.uid()::text))
        );
        create policy organization on public.audit_logs for select to authenticated using (
            organization_id = (select auth.org_id()) and (select auth.permits('audit:read'))
        );
        revoke all on public.audit_logs from public, anon, authenticated, service_role;
        grant select on public.audit_logs to authenticated, service_role, lean_platform, lean_definer;
        grant insert (
            event_type, event_action, event_category, event_result, event_message, event_data, is_security, actor_type,
            actor_id, organization_id, session_id, target_type, target_id, request_id, module_name, function_name
        ) on public.audit_logs to service_role;
        grant insert on public.audit_logs, lean.audit_personal, lean.audit_unsealed to lean_definer;

        grant select, delete on lean.audit_personal to lean_platform, lean_definer;
        alter table lean.audit_personal enable row level security;
        alter table lean.audit_personal force row level security;
        create policy platform on lean.audit_personal to lean_platform using (true);
        create policy owner on lean.audit_personal to lean_owner using (true);

        grant select, delete on lean.audit_unsealed to lean_platform;
        grant select, insert on lean.audit_seals, lean.audit_heads to lean_platform;

        create function lean.forget_audit_personal() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
            delete from lean.audit_personal where person_id = old.id;
            return null;
        end $$;
        grant create on schema lean to lean_definer;
        alter function lean.forget_audit_personal() owner to lean_definer;
        revoke create on schema lean from lean_definer;
        revoke execute on function lean.forget_audit_personal() from public;
        create trigger forget_audit_personal after delete on auth.users
        for each row execute function lean.forget_audit_personal();
        create trigger forget_audit_personal_softly after update of deleted_at on auth.users
        for each row when (old.deleted_at is null and new.deleted_at is not null)
        execute function lean.forget_audit_personal();
        """

    /// What is sealed together is one row, with the hash of each of its rows: hundreds of rows and index entries less to write.
    private static let batches: StaticString = """
        create table lean.audit_batches (
            last bigint primary key,
            first bigint not null,
            ids uuid[] not null,
            hashes bytea not null,
            mac text check (char_length(mac) <= 200),
            at timestamptz not null,
            constraint audit_batches_check check (
                first between 1 and last and cardinality(ids) = last - first + 1
                and octet_length(hashes) = 32 * (last - first + 1))
        );
        -- Neither shrinks when it is compressed; and of the hashes often only the last is read.
        alter table lean.audit_batches alter column ids set storage external, alter column hashes set storage external;

        -- Those of before, by the heads that they ended in; the constraint refuses a chain with holes.
        insert into lean.audit_batches (last, first, ids, hashes, mac, at)
        select max(s.sequence), min(s.sequence), array_agg(s.audit_id order by s.sequence),
            string_agg(s.hash, '' order by s.sequence), h.mac, coalesce(h.at, now())
        from lean.audit_seals s
        left join lateral (
            select * from lean.audit_heads h where h.sequence >= s.sequence order by h.sequence limit 1
        ) h on true
        group by h.sequence, h.mac, h.at;
        drop table lean.audit_seals, lean.audit_heads;

        create trigger only_append before update or delete or truncate on lean.audit_batches
        for each statement execute function lean.only_append();
        grant select, insert on lean.audit_batches to lean_platform;
        """
}
