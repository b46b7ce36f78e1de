import Postgres

extension RateLimits {
    /// The earlier edition's functions, for code in the database and for servers with the service_role key: counts of their
    /// own, beside those of requests. Nobody else may call them, or one visitor could use up another's.
    ///
    /// One row a subject and window; its lock makes check and count one. Time is the clock's, not the transaction's, so that a
    /// long transaction does not count into the past.
    static let functions: StaticString = """
        create table lean.rate_limits (
            identifier_type text not null check (identifier_type in ('ip', 'user', 'api_key', 'global', 'session')),
            identifier text not null check (length(identifier) between 1 and 200),
            limit_type text not null check (limit_type in ('sliding_window', 'fixed_window', 'token_bucket')),
            window_seconds integer not null check (window_seconds between 1 and 86400),
            bucket bigint not null default 0,
            current_count bigint not null default 0,
            previous_count bigint not null default 0,
            tokens double precision,
            touched_at timestamptz not null default clock_timestamp(),
            expires_at timestamptz not null,
            primary key (identifier_type, identifier, limit_type, window_seconds)
        );
        create index rate_limits_expires_at_idx on lean.rate_limits (expires_at);
        grant select, delete on lean.rate_limits to lean_platform;

        create function public.check_rate_limit(
            identifier text, identifier_type text default 'ip', max_requests integer default 60,
            window_seconds integer default 60, limit_type text default 'sliding_window'
        ) returns jsonb language plpgsql security definer set search_path = '' as $$
        declare
            held lean.rate_limits;
            present timestamptz := pg_catalog.clock_timestamp();
            epoch double precision := extract(epoch from present);
            bucket_now bigint;
            elapsed double precision;
            used double precision;
            allowed boolean;
            resets double precision;
        begin
            if max_requests is null or max_requests not between 1 and 1000000000 then
                raise exception 'max_requests is a number from 1 to 1000000000' using errcode = '22023';
            end if;
            insert into lean.rate_limits (identifier_type, identifier, limit_type, window_seconds, expires_at)
            values ($2, $1, $5, $4, present + make_interval(secs => $4 * 2))
            on conflict do nothing;
            select r.* into strict held
            from lean.rate_limits r
            where r.identifier_type = $2 and r.identifier = $1 and r.limit_type = $5 and r.window_seconds = $4
            for update;
            -- It may have waited for the row.
            present := pg_catalog.clock_timestamp();
            epoch := extract(epoch from present);
            bucket_now := floor(epoch / $4);
            elapsed := epoch - bucket_now * $4;
            if bucket_now > held.bucket then
                held.previous_count := case when bucket_now = held.bucket + 1 then held.current_count else 0 end;
                held.current_count := 0;
                held.bucket := bucket_now;
            end if;
            if $5 = 'token_bucket' then
                held.tokens := least($3, coalesce(held.tokens, $3)
                    + greatest(0, extract(epoch from present - held.touched_at)) * $3 / $4);
                allowed := held.tokens >= 1;
                if allowed then held.tokens := held.tokens - 1; end if;
                used := $3 - held.tokens;
                resets := case when held.tokens >= 1 then 0 else (1 - held.tokens) * $4 / $3 end;
            else
                used := held.current_count
                    + case when $5 = 'sliding_window' then held.previous_count * (1 - elapsed / $4) else 0 end;
                allowed := used + 1 <= $3;
                if allowed then
                    held.current_count := held.current_count + 1;
                    used := used + 1;
                end if;
                resets := $4 - elapsed;
            end if;
            update lean.rate_limits r
            set bucket = held.bucket, current_count = held.current_count, previous_count = held.previous_count,
                tokens = held.tokens, touched_at = present, expires_at = present + make_interval(secs => $4 * 2)
            where r.identifier_type = $2 and r.identifier = $1 and r.limit_type = $5 and r.window_seconds = $4;
            return pg_catalog.jsonb_build_object(
                'allowed', allowed, 'remaining', greatest(0, floor($3 - used)),
                'reset_time', pg_catalog.to_jsonb(present + make_interval(secs => resets)),
                'window_size_seconds', $4, 'limit', $3);
        end $$;

        create function public.reset_rate_limit(identifier text, identifier_type text default null) returns integer
        language plpgsql security definer set search_path = '' as $$
        declare
            gone integer;
        begin
            delete from lean.rate_limits r where r.identifier = $1 and ($2 is null or r.identifier_type = $2);
            get diagnostics gone = row_count;
            return gone;
        end $$;

        create function public.cleanup_expired_rate_limits() returns integer
        language plpgsql security definer set search_path = '' as $$
        declare
            gone integer;
        begin
            delete from lean.rate_limits r where r.expires_at <= pg_catalog.clock_timestamp();
            get diagnostics gone = row_count;
            return gone;
        end $$;

        revoke execute on function public.check_rate_limit(text, text, integer, integer, text) from public;
        revoke execute on function public.reset_rate_limit(text, text) from public;
        revoke execute on function public.cleanup_expired_rate_limits() from public;
        grant execute on function public.check_rate_limit(text, text, integer, integer, text)
            to service_role, lean_platform;
        grant execute on function public.reset_rate_limit(text, text) to service_role, lean_platform;
        grant execute on function public.cleanup_expired_rate_limits() to service_role, lean_platform;
        """
}
