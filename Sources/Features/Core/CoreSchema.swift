import Platform
import Postgres

extension Core {
    /// What all policies stand on: who asks, for which organization, and what their role permits.
    static let schema = Schema(
        tables: [
            Table("lean.migrations", .platform, personal: [], kept: .forever),
            Table("lean.role_permissions", .platform, personal: [], kept: .forever),
            Table("lean.maintenance", .platform, personal: [], kept: .forever),
        ],
        migrations: [
            Migration("001_schemas", schemas),
            Migration("002_who_asks", whoAsks),
            Migration("003_permissions", permissions),
            Migration("004_maintenance", maintenance),
            Migration("005_permits_by_heart", permitsByHeart),
        ]
    )

    private static let schemas: StaticString = """
        create schema auth;
        grant usage on schema auth to anon, authenticated, service_role, authenticator, lean_platform, lean_definer;
        grant usage on schema lean to lean_platform, lean_definer;
        grant select on lean.migrations to lean_platform;
        -- The definer role owns functions in these schemas, which PostgreSQL asks the right to create for.
        grant create on schema auth to lean_definer;
        grant usage on schema public to anon, authenticated, service_role, lean_definer;
        """

    /// Supabase's helpers, by its names, and ours for organizations. Each reads what the transaction's preamble set. Bodies of
    /// SQL's own form are inlined into the policies that call them; one with a `set` clause would not be.
    private static let whoAsks: StaticString = """
        create function auth.jwt() returns jsonb language sql stable
            return nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb;
        create function auth.uid() returns uuid language sql stable
            return (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
        create function auth.role() returns text language sql stable
            return nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'role';
        create function auth.email() returns text language sql stable
            return nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'email';
        create function auth.org_id() returns uuid language sql stable
            return nullif(pg_catalog.current_setting('request.organization_id', true), '')::uuid;
        create function auth.org_role() returns text language sql stable
            return nullif(pg_catalog.current_setting('request.organization_role', true), '');
        """

    /// PL/pgSQL, whose plan is kept for the session; a function in SQL that is not inlined is planned at each call.
    private static let permissions: StaticString = """
        create table lean.role_permissions (
            role text not null,
            permission text not null,
            primary key (permission, role)
        );
        grant select on lean.role_permissions to lean_definer;
        create function auth.permits(permission text) returns boolean
        language plpgsql stable security definer set search_path = '' as $$
        begin
            return exists (
                select 1 from lean.role_permissions p where p.permission = $1 and p.role = auth.org_role()
            );
        end $$;
        alter function auth.permits(text) owner to lean_definer;
        """

    /// Makes `auth.permits` anew from the table, as one `case` over what the features declare: an expression that is inlined
    /// into the policies and of which the planner leaves the one comparison that matters. Asking the table for each statement
    /// took a twelfth of the database's time for a page of rows.
    private static let permitsByHeart: StaticString = """
        create function lean.declare_permits() returns void language plpgsql set search_path = '' as $$
        declare
            answer text;
            declared constant oid := 'auth.permits(text)'::regprocedure;
        begin
            perform pg_advisory_xact_lock(hashtextextended('lean.declare_permits', 0));
            select coalesce('case permission' || string_agg(format(' when %L then auth.org_role() in (%s)', p.permission, p.roles),
                    '' order by p.permission) || ' else false end', 'false')
            into answer
            from (
                select permission, string_agg(quote_literal(role), ', ' order by role) as roles
                from lean.role_permissions group by permission
            ) p;
            if obj_description(declared, 'pg_proc') is not distinct from md5(answer) then
                return;
            end if;
            execute 'create or replace function auth.permits(permission text) returns boolean language sql stable return '
                || answer;
            execute format('comment on function auth.permits(text) is %L', md5(answer));
        end $$;
        revoke execute on function lean.declare_permits() from public;
        """

    private static let maintenance: StaticString = """
        create table lean.maintenance (
            is_on boolean primary key default true check (is_on),
            message text not null check (length(message) between 1 and 500),
            since timestamptz not null default now()
        );
        grant select, insert, update, delete on lean.maintenance to lean_platform;
        create function lean.tell_maintenance() returns trigger language plpgsql set search_path = '' as $$
        begin
            perform pg_notify('lean_maintenance', '');
            return null;
        end $$;
        create trigger tell_maintenance after insert or update or delete on lean.maintenance
        for each statement execute function lean.tell_maintenance();
        """
}
