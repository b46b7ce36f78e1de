import Platform
import Postgres

extension RateLimits {
    static let schema = Schema(
        tables: [
            Table("lean.organization_limits", .platform, personal: [], kept: .whileCustomer),
            Table("lean.rate_limits", .platform, personal: ["identifier"], kept: .days(2)),
        ],
        migrations: [
            Migration("001_organization_limits", organizationLimits), Migration("002_functions", functions),
        ]
    )

    /// An organization without a row has the tier free. What changes is told to the sessions that act for it, as a change of
    /// role is; with many members all sessions are read anew once, which costs less than a notification for each.
    private static let organizationLimits: StaticString = """
        create table lean.organization_limits (
            organization_id uuid primary key references public.organizations (id) on delete cascade,
            tier text not null default 'free' check (tier in ('free', 'basic', 'pro', 'enterprise')),
            requests_per_hour integer check (requests_per_hour between 1 and 1000000000),
            updated_at timestamptz not null default now()
        );
        grant select, insert, update, delete on lean.organization_limits to lean_platform;

        create or replace function auth.allowance(organization uuid)
        returns table (tier text, requests_per_hour integer) language sql stable as $$
            select coalesce(l.tier, 'free'), l.requests_per_hour
            from (select 1) as always
            left join lean.organization_limits l on l.organization_id = organization
        $$;

        create function lean.tell_allowance() returns trigger
        language plpgsql set search_path = '' as $$
        declare
            organization uuid := case when tg_op = 'DELETE' then old.organization_id else new.organization_id end;
        begin
            if (select count(*) from (
                select 1 from public.organization_members where organization_id = organization limit 101) as few) > 100
            then
                perform pg_notify('lean_sessions', '');
            else
                perform pg_notify('lean_sessions', user_id::text)
                from public.organization_members where organization_id = organization;
            end if;
            return null;
        end $$;
        create trigger tell_allowance after insert or update or delete on lean.organization_limits
        for each row execute function lean.tell_allowance();
        """
}
