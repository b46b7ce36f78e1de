import Platform
import Postgres

extension Profiles {
    static let schema = Schema(
        tables: [
            Table(
                "public.profiles", .customers, personal: ["id", "name", "avatar_url", "metadata"], kept: .whileCustomer)
        ],
        migrations: [
            Migration("001_profiles", profiles),
            Migration("002_from_the_first_moment", fromTheFirstMoment),
            Migration("003_when_a_person_goes", whenAPersonGoes),
        ]
    )

    /// The constraint on what metadata may grow to.
    static let metadataLimit = "profiles_metadata_size"

    /// The policies are the whole access rule: no statement of this feature names a person. A person writes the columns
    /// that are theirs, whatever others the table has or gains.
    private static let profiles: StaticString = """
        create table public.profiles (
            id uuid primary key references auth.users (id) on delete cascade,
            name text check (length(name) between 1 and 100),
            avatar_url text check (length(avatar_url) between 1 and 2048),
            metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
            theme text not null default 'system' check (theme in ('light', 'dark', 'system')),
            language text not null default 'en' check (language ~ '^[a-z]{2}$'),
            timezone text not null default 'UTC' check (length(timezone) between 1 and 64),
            notify_email boolean not null default true,
            notify_push boolean not null default true,
            notify_marketing boolean not null default false,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            constraint profiles_metadata_size check (octet_length(metadata::text) <= 20480)
        );

        alter table public.profiles enable row level security;
        alter table public.profiles force row level security;
        grant select on public.profiles to authenticated;
        grant update (name, avatar_url, metadata, theme, language, timezone, notify_email, notify_push, notify_marketing,
            updated_at) on public.profiles to authenticated;
        grant select, insert, update, delete on public.profiles to service_role, lean_platform;

        create policy read on public.profiles for select to authenticated
            using (id = (select auth.uid()) and (select auth.permits('profile:read')));
        create policy change on public.profiles for update to authenticated
            using (id = (select auth.uid()) and (select auth.permits('profile:update')))
            with check (id = (select auth.uid()));
        create policy platform on public.profiles to lean_platform using (true) with check (true);
        create policy owner on public.profiles to lean_owner using (true) with check (true);

        create function auth.own_email() returns text
        language sql stable security definer set search_path = '' as $$
            select u.email from auth.users u where u.id = auth.uid()
        $$;
        alter function auth.own_email() owner to lean_definer;
        revoke execute on function auth.own_email() from public;
        grant execute on function auth.own_email() to authenticated;
        """

    /// In the sign-up transaction, and just so for users that a dump of Supabase's brings. What somebody says of themselves
    /// there is taken over when it would do as a profile, and left out when it would not: it must not stop a sign-up.
    private static let fromTheFirstMoment: StaticString = """
        create function auth.profile_name(said jsonb) returns text language sql immutable set search_path = '' as $$
            select case when name ~ '[^[:space:]]' and name !~ '[[:cntrl:]]' then left(name, 100) end
            from (
                select t.said #>> '{}' as name
                from (values (1, said -> 'full_name'), (2, said -> 'name')) as t (rank, said)
                where jsonb_typeof(t.said) = 'string'
                order by t.rank
                limit 1
            ) s
        $$;
        create function auth.profile_picture(said jsonb) returns text language sql immutable set search_path = '' as $$
            select case
                when url ~ '^https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?#][!-~]*)?$' and url !~ '["''<>\\\\`]' and length(url) <= 2048
                then url
            end
            from (select said ->> 'avatar_url' as url) s
        $$;
        create function auth.make_profile() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
            insert into public.profiles (id, name, avatar_url)
            values (new.id, auth.profile_name(new.raw_user_meta_data), auth.profile_picture(new.raw_user_meta_data))
            on conflict do nothing;
            return null;
        end $$;
        revoke execute on function auth.profile_name(jsonb), auth.profile_picture(jsonb) from public;
        grant execute on function auth.profile_name(jsonb), auth.profile_picture(jsonb) to lean_definer;
        grant insert on public.profiles to lean_definer;
        alter function auth.make_profile() owner to lean_definer;
        revoke execute on function auth.make_profile() from public;
        create trigger make_profile after insert on auth.users for each row execute function auth.make_profile();

        insert into public.profiles (id, name, avatar_url, created_at)
        select u.id, auth.profile_name(u.raw_user_meta_data), auth.profile_picture(u.raw_user_meta_data),
            coalesce(u.created_at, now())
        from auth.users u
        on conflict do nothing;
        """

    /// A deleted person whose row is kept has said nothing of themselves any more.
    private static let whenAPersonGoes: StaticString = """
        create function auth.clear_profile() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
            update public.profiles
            set name = 'Deleted User', avatar_url = null, metadata = '{}', theme = default, language = default,
                timezone = default, notify_email = default, notify_push = default, notify_marketing = default,
                updated_at = now()
            where id = new.id;
            return null;
        end $$;
        grant select, update on public.profiles to lean_definer;
        alter function auth.clear_profile() owner to lean_definer;
        revoke execute on function auth.clear_profile() from public;
        create trigger clear_profile after update of deleted_at on auth.users
        for each row when (old.deleted_at is null and new.deleted_at is not null)
        execute function auth.clear_profile();
        """
}
