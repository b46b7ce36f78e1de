import Platform
import Postgres

extension Organizations {
    static let schema = Schema(
        tables: [
            Table("public.organizations", .customers, personal: ["name", "created_by"], kept: .whileCustomer),
            Table("public.organization_members", .customers, personal: ["user_id"], kept: .whileCustomer),
        ],
        migrations: [
            Migration("001_organizations", tables),
            Migration("002_row_level_security", rowLevelSecurity),
            Migration("003_membership", membership),
            Migration("004_personal_organization", personal),
            Migration("005_tell_role_changes", tellRoleChanges),
            Migration("006_enter_at_a_glance", enterAtAGlance),
            Migration("007_when_a_person_goes", whenAPersonGoes),
        ]
    )

    private static let tables: StaticString = """
        create table public.organizations (
            id uuid primary key default gen_random_uuid(),
            name text not null check (length(name) between 1 and 100),
            is_personal boolean not null default false,
            created_by uuid references auth.users (id) on delete set null,
            created_at timestamptz not null default now()
        );
        create unique index organizations_personal_key on public.organizations (created_by) where is_personal;
        create index organizations_created_by_idx on public.organizations (created_by);
        create table public.organization_members (
            organization_id uuid not null references public.organizations (id) on delete cascade,
            user_id uuid not null references auth.users (id) on delete cascade,
            role text not null check (role in ('owner', 'admin', 'member', 'readonly')),
            created_at timestamptz not null default now(),
            primary key (user_id, organization_id)
        );
        create index organization_members_organization_idx on public.organization_members (organization_id);
        """

    /// People read the organization that they act for and its members. All writing goes through the verbs of this
    /// feature, under the platform's role: who may grant which role is a rule, not a filter.
    private static let rowLevelSecurity: StaticString = """
        grant select on public.organizations, public.organization_members to authenticated, service_role, lean_definer;
        grant select, insert, update, delete on public.organizations, public.organization_members to lean_platform;

        alter table public.organizations enable row level security;
        alter table public.organizations force row level security;
        create policy own on public.organizations for select to authenticated using (id = (select auth.org_id()));
        create policy platform on public.organizations to lean_platform using (true) with check (true);
        create policy owner on public.organizations to lean_owner using (true) with check (true);

        alter table public.organization_members enable row level security;
        alter table public.organization_members force row level security;
        create policy own on public.organization_members for select to authenticated
            using (organization_id = (select auth.org_id()));
        create policy platform on public.organization_members to lean_platform using (true) with check (true);
        create policy owner on public.organization_members to lean_owner using (true) with check (true);
        """

    /// The wanted organization while the person is a member of it, else the personal one.
    private static let membership: StaticString = """
        create or replace function auth.membership(person uuid, wanted uuid)
        returns table (organization_id uuid, role text) language sql stable as $$
            select m.organization_id, m.role
            from public.organization_members m
            join public.organizations o on o.id = m.organization_id
            where m.user_id = person
              and (m.organization_id = wanted or (o.is_personal and o.created_by = person))
            order by m.organization_id = wanted desc nulls last
            limit 1
        $$;
        """

    /// `auth.enter` begins every request of a person. That all is as the node believes is the usual case, and four primary
    /// keys tell it, in a third of the time that the general question takes; what differs is left to that question.
    private static let enterAtAGlance: StaticString = """
        alter function auth.enter(uuid, uuid, uuid, text) rename to enter_with_reasons;
        create function auth.enter(session uuid, person uuid, organization uuid, believed text) returns text
        language plpgsql stable security definer set search_path = '' as $$
        begin
            if exists (
                select 1
                from auth.sessions s
                join auth.users u on u.id = s.user_id
                join public.organization_members m
                    on m.user_id = s.user_id and m.organization_id = $3 and m.role = believed
                join public.organizations o on o.id = m.organization_id
                where s.id = session
                  and s.user_id = person
                  and (s.organization_id = $3 or (s.organization_id is null and o.is_personal and o.created_by = person))
                  and (s.not_after is null or s.not_after > now())
                  and (u.banned_until is null or u.banned_until <= now())
                  and u.deleted_at is null
            ) then
                return believed;
            end if;
            return auth.enter_with_reasons(session, person, $3, believed);
        end $$;
        alter function auth.enter(uuid, uuid, uuid, text) owner to lean_definer;
        revoke execute on function auth.enter(uuid, uuid, uuid, text) from public;
        grant execute on function auth.enter(uuid, uuid, uuid, text) to authenticator;
        revoke execute on function auth.enter_with_reasons(uuid, uuid, uuid, text) from authenticator;
        """

    /// In the sign-up transaction, and just so for users that a dump of Supabase's brings.
    private static let personal: StaticString = """
        create function auth.make_personal_organization() returns trigger
        language plpgsql security definer set search_path = '' as $$
        declare
            made uuid;
        begin
            insert into public.organizations (name, is_personal, created_by) values ('Personal', true, new.id)
            returning id into made;
            insert into public.organization_members (organization_id, user_id, role) values (made, new.id, 'owner');
            return null;
        end $$;
        grant insert on public.organizations, public.organization_members to lean_definer;
        alter function auth.make_personal_organization() owner to lean_definer;
        revoke execute on function auth.make_personal_organization() from public;
        create trigger make_personal_organization after insert on auth.users
        for each row execute function auth.make_personal_organization();
        """

    private static let tellRoleChanges: StaticString = """
        create function auth.tell_member() returns trigger language plpgsql set search_path = '' as $$
        begin
            perform pg_notify('lean_sessions', old.user_id::text);
            return null;
        end $$;
        create trigger tell_member after update or delete on public.organization_members
        for each row execute function auth.tell_member();
        """

    /// Whoever's account ends leaves their organizations. One that they alone could speak for passes to the admin who is
    /// there longest, else to the member; who may only read is never made an owner. One that nobody else is in goes with the
    /// account, and stays where only its person's name is taken from it.
    private static let whenAPersonGoes: StaticString = """
        create function auth.leave_organizations() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
            update public.organization_members m set role = 'owner'
            from (
                select distinct on (o.organization_id) o.organization_id, o.user_id
                from public.organization_members own
                join public.organization_members o on o.organization_id = own.organization_id and o.user_id <> own.user_id
                where own.user_id = old.id and own.role = 'owner' and o.role in ('admin', 'member')
                  and not exists (
                    select from public.organization_members other
                    where other.organization_id = own.organization_id and other.user_id <> own.user_id
                      and other.role = 'owner')
                order by o.organization_id, o.role = 'admin' desc, o.created_at, o.user_id
            ) heir
            where m.organization_id = heir.organization_id and m.user_id = heir.user_id;

            update public.organizations o set is_personal = false
            where o.created_by = old.id and o.is_personal
              and exists (
                select from public.organization_members m where m.organization_id = o.id and m.user_id <> old.id);

            if tg_op = 'DELETE' then
                delete from public.organizations o
                using public.organization_members own
                where own.organization_id = o.id and own.user_id = old.id
                  and not exists (
                    select from public.organization_members m
                    where m.organization_id = o.id and m.user_id <> old.id);
                return old;
            end if;
            delete from public.organization_members own
            where own.user_id = old.id
              and exists (
                select from public.organization_members m
                where m.organization_id = own.organization_id and m.user_id <> old.id);
            return null;
        end $$;
        grant update, delete on public.organizations, public.organization_members to lean_definer;
        alter function auth.leave_organizations() owner to lean_definer;
        revoke execute on function auth.leave_organizations() from public;
        create trigger leave_organizations before delete on auth.users
        for each row execute function auth.leave_organizations();
        create trigger leave_organizations_softly after update of deleted_at on auth.users
        for each row when (old.deleted_at is null and new.deleted_at is not null)
        execute function auth.leave_organizations();
        """
}
