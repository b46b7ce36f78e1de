import Platform
import Postgres

extension BackgroundJobs {
    static let schema = Schema(
        tables: [
            Table("lean.jobs", .customers, personal: ["input"], kept: .days(daysOfTheDead)),
            Table("lean.job_schedules", .platform, personal: [], kept: .forever),
            Table("lean.open_job_kinds", .platform, personal: [], kept: .forever),
        ],
        migrations: [
            Migration("001_queue", queue), Migration("002_enqueue", enqueue), Migration("003_take", take),
            Migration("004_open_kinds", openKinds),
        ]
    )

    private static let queue: StaticString = """
        create table lean.jobs (
            id uuid primary key default gen_random_uuid(),
            kind text not null check (char_length(kind) between 1 and 100),
            input jsonb not null check (octet_length(input::text) <= 131072),
            unique_key text check (char_length(unique_key) between 1 and 200),
            priority smallint not null default 0 check (priority between -100 and 100),
            run_at timestamptz not null default now(),
            attempts smallint not null default 0,
            state text not null default 'waiting' check (state in ('waiting', 'running', 'dead')),
            lease_until timestamptz,
            node text,
            last_error text check (char_length(last_error) <= 500),
            created_at timestamptz not null default now(),
            died_at timestamptz
        );
        create index jobs_waiting_idx on lean.jobs (priority desc, run_at) where state = 'waiting';
        create index jobs_running_idx on lean.jobs (lease_until) where state = 'running';
        create index jobs_dead_idx on lean.jobs (died_at) where state = 'dead';
        create unique index jobs_unique_key_idx on lean.jobs (kind, unique_key)
            where state = 'waiting' and unique_key is not null;

        -- Rows live for seconds: the dead versions that each leaves are cleared away before the scan meets many.
        alter table lean.jobs set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

        create table lean.job_schedules (
            name text primary key check (char_length(name) between 1 and 100),
            schedule text not null,
            next_at timestamptz not null
        );

        grant select, insert, update, delete on lean.jobs, lean.job_schedules to lean_platform;
        grant insert, select on lean.jobs to lean_definer;
        alter table lean.jobs enable row level security;
        alter table lean.jobs force row level security;
        create policy platform on lean.jobs to lean_platform using (true) with check (true);
        create policy owner on lean.jobs to lean_owner using (true) with check (true);
        """

    /// Whoever may write in a transaction of a request may have something done for it; nobody but the platform's role reads
    /// what waits. The functions say themselves what they touch: a search path of the caller's has no part in it.
    private static let enqueue: StaticString = """
        create function auth.enqueue_job(kind text, input jsonb, unique_key text, priority smallint, run_at timestamptz)
        returns void language sql volatile security definer set search_path = '' as $$
            insert into lean.jobs (kind, input, unique_key, priority, run_at)
            values ($1, $2, $3, $4, coalesce($5, now()))
            on conflict (kind, unique_key) where state = 'waiting' and unique_key is not null do nothing
        $$;
        alter function auth.enqueue_job(text, jsonb, text, smallint, timestamptz) owner to lean_definer;
        revoke execute on function auth.enqueue_job(text, jsonb, text, smallint, timestamptz) from public;
        grant execute on function auth.enqueue_job(text, jsonb, text, smallint, timestamptz)
            to anon, authenticated, service_role, lean_platform;

        create function lean.finish_job(job uuid, attempt integer) returns void
        language plpgsql volatile set search_path = '' as $$
        begin
            delete from lean.jobs j where j.id = job and j.state = 'running' and j.attempts = attempt;
            if not found then
                raise exception 'the job is another worker''s now' using errcode = 'LS003';
            end if;
        end $$;
        revoke execute on function lean.finish_job(uuid, integer) from public;
        grant execute on function lean.finish_job(uuid, integer) to lean_platform;
        """

    /// A role of requests enqueues the kinds that the program has declared open to callers, and no others: whoever gets to send a
    /// statement of their own as one must not have letters sent. `migrate` fills the table; a kind's priority is not the caller's to
    /// choose.
    private static let openKinds: StaticString = """
        revoke execute on function auth.enqueue_job(text, jsonb, text, smallint, timestamptz) from anon, authenticated;
        create table lean.open_job_kinds (
            kind text primary key check (char_length(kind) between 1 and 100),
            priority smallint not null check (priority between -100 and 100)
        );
        grant select on lean.open_job_kinds to lean_definer;

        create function auth.enqueue_open_job(job_kind text, job_input jsonb, job_key text, job_time timestamptz)
        returns void language plpgsql volatile security definer set search_path = '' as $$
        declare
            importance smallint;
        begin
            select o.priority into importance from lean.open_job_kinds o where o.kind = job_kind;
            if importance is null then
                raise exception 'jobs of this kind are not open to callers' using errcode = 'insufficient_privilege';
            end if;
            insert into lean.jobs (kind, input, unique_key, priority, run_at)
            values (job_kind, job_input, job_key, importance, coalesce(job_time, now()))
            on conflict (kind, unique_key) where state = 'waiting' and unique_key is not null do nothing;
        end $$;
        alter function auth.enqueue_open_job(text, jsonb, text, timestamptz) owner to lean_definer;
        revoke execute on function auth.enqueue_open_job(text, jsonb, text, timestamptz) from public;
        grant execute on function auth.enqueue_open_job(text, jsonb, text, timestamptz)
            to anon, authenticated, service_role, lean_platform;
        """

    /// In two searches, since an index has the order of each and none that of both: a hundred thousand that wait are not sorted for
    /// the sake of the first few. What PostgreSQL knows of a queue is always old, so that it is told how to look.
    private static let take: StaticString = """
        create function lean.take_jobs(
            most integer, kinds text[], worker text, at timestamptz, until timestamptz)
        returns table (id uuid, kind text, input jsonb, attempt integer, waited double precision)
        language plpgsql volatile set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
        set enable_hashjoin = off set enable_mergejoin = off as $$
        begin
            return query
            with lost as (
                select j.id, j.run_at from lean.jobs j
                where j.state = 'running' and j.lease_until < at and j.kind = any(kinds)
                order by j.lease_until limit most for update skip locked
            ), due as (
                select j.id, j.run_at from lean.jobs j
                where j.state = 'waiting' and j.run_at <= greatest(now(), at) and j.kind = any(kinds)
                order by j.priority desc, j.run_at limit most - (select count(*) from lost) for update skip locked
            ), next as (
                select * from lost union all select * from due
            )
            update lean.jobs j set
                state = 'running', attempts = j.attempts + 1, lease_until = until, node = worker, unique_key = null
            from next n where j.id = n.id
            returning j.id, j.kind, j.input, j.attempts::integer,
                greatest(0, extract(epoch from clock_timestamp() - n.run_at))::double precision;
        end $$;
        revoke execute on function lean.take_jobs(integer, text[], text, timestamptz, timestamptz) from public;
        grant execute on function lean.take_jobs(integer, text[], text, timestamptz, timestamptz) to lean_platform;
        """
}
