import Postgres

extension Audit {
    /// How rows are written: many in one statement, each with its personal values beside it under a salt of its own.
    ///
    /// The hash over what is personal: SHA-256 of the salt, then of each value its length in bytes as a big-endian 32-bit integer,
    /// -1 for none, and its UTF-8. `SealedRow` computes the same.
    static let record: StaticString = """
        create function lean.audit_commitment(salt bytea, address text, agent text, email text) returns bytea
        language sql immutable as $$
            select pg_catalog.sha256(salt
                || coalesce(pg_catalog.int4send(pg_catalog.octet_length(address)) || pg_catalog.convert_to(address, 'UTF8'),
                    pg_catalog.int4send(-1))
                || coalesce(pg_catalog.int4send(pg_catalog.octet_length(agent)) || pg_catalog.convert_to(agent, 'UTF8'),
                    pg_catalog.int4send(-1))
                || coalesce(pg_catalog.int4send(pg_catalog.octet_length(email)) || pg_catalog.convert_to(email, 'UTF8'),
                    pg_catalog.int4send(-1)))
        $$;

        create function lean.record_events(events jsonb) returns void
        language plpgsql volatile security definer set search_path = '' as $$
        begin
            with event as materialized (
                select gen_random_uuid() as id, uuid_send(gen_random_uuid()) as salt,
                    coalesce(e.address, e.agent, e.email) is not null as is_personal, e.*
                from jsonb_to_recordset(events) as e (
                    at timestamptz, type text, action text, category text, result text, message text, data jsonb,
                    is_security boolean, actor_type text, actor_id uuid, organization_id uuid, session_id uuid,
                    target_type text, target_id text, request_id text, module text, function text,
                    address text, agent text, email text)
            ), kept as (
                insert into lean.audit_personal (audit_id, person_id, salt, address, agent, email, at)
                select id, actor_id, salt, address, agent, email, coalesce(at, now()) from event where is_personal
            )
            insert into public.audit_logs (
                id, created_at, event_type, event_action, event_category, event_result, event_message, event_data,
                is_security, actor_type, actor_id, organization_id, session_id, target_type, target_id, request_id,
                module_name, function_name, personal)
            select id, coalesce(at, now()), type, action, category, coalesce(result, 'success'), message,
                coalesce(data, '{}'), coalesce(is_security, false), coalesce(actor_type, 'system'), actor_id,
                organization_id, session_id, target_type, target_id, request_id, module, function,
                case when is_personal then lean.audit_commitment(salt, address, agent, email) end
            from event;
        end $$;
        grant create on schema lean to lean_definer;
        alter function lean.record_events(jsonb) owner to lean_definer;
        revoke create on schema lean from lean_definer;
        revoke execute on function lean.audit_commitment(bytea, text, text, text) from public;
        revoke execute on function lean.record_events(jsonb) from public;
        grant execute on function lean.audit_commitment(bytea, text, text, text) to lean_definer;
        grant execute on function lean.record_events(jsonb) to lean_platform;
        """

    /// What the guide's edition offers in SQL, for the product's own servers.
    static let functions: StaticString = """
        create function public.create_audit_log(
            p_event_type text, p_event_action text, p_event_category text, p_actor_type text default 'system',
            p_actor_id uuid default null, p_target_type text default null, p_target_id text default null,
            p_event_data jsonb default '{}', p_event_result text default 'success', p_event_message text default null,
            p_request_id text default null, p_session_id uuid default null, p_module_name text default null,
            p_function_name text default null, p_organization_id uuid default null, p_actor_email text default null,
            p_actor_ip inet default null, p_actor_user_agent text default null
        ) returns uuid language plpgsql volatile security definer set search_path = '' as $$
        declare
            made constant uuid := gen_random_uuid();
            salt constant bytea := uuid_send(gen_random_uuid());
            is_personal constant boolean := p_actor_email is not null or p_actor_ip is not null
                or p_actor_user_agent is not null;
        begin
            if is_personal then
                insert into lean.audit_personal (audit_id, person_id, salt, address, agent, email)
                values (made, p_actor_id, salt, host(p_actor_ip), p_actor_user_agent, p_actor_email);
            end if;
            insert into public.audit_logs (
                id, event_type, event_action, event_category, event_result, event_message, event_data, is_security,
                actor_type, actor_id, organization_id, session_id, target_type, target_id, request_id, module_name,
                function_name, personal)
            values (
                made, p_event_type, p_event_action, p_event_category, p_event_result, p_event_message,
                coalesce(p_event_data, '{}'), p_event_category = 'security', p_actor_type, p_actor_id,
                p_organization_id, p_session_id, p_target_type, p_target_id, p_request_id, p_module_name,
                p_function_name,
                case when is_personal
                    then lean.audit_commitment(salt, host(p_actor_ip), p_actor_user_agent, p_actor_email) end);
            return made;
        end $$;
        grant create on schema public to lean_definer;
        alter function public.create_audit_log(
            text, text, text, text, uuid, text, text, jsonb, text, text, text, uuid, text, text, uuid, text, inet, text
        ) owner to lean_definer;
        revoke create on schema public from lean_definer;
        revoke execute on function public.create_audit_log(
            text, text, text, text, uuid, text, text, jsonb, text, text, text, uuid, text, text, uuid, text, inet, text
        ) from public;
        grant execute on function public.create_audit_log(
            text, text, text, text, uuid, text, text, jsonb, text, text, text, uuid, text, text, uuid, text, inet, text
        ) to service_role, lean_platform;

        create view public.recent_security_events with (security_invoker = true) as
        select id, created_at, event_type, event_action, event_category, event_result, event_message, event_data,
            actor_type, actor_id, organization_id, session_id, target_type, target_id, request_id
        from public.audit_logs
        where (is_security or event_category = 'security') and created_at > now() - interval '7 days'
        order by created_at desc;
        revoke all on public.recent_security_events from public, anon, authenticated, service_role;
        grant select on public.recent_security_events to authenticated, service_role;
        """

    /// Sessions by the names of the guide's edition: whoever signed in sees their own, the product's own servers all.
    static let sessionFunctions: StaticString = """
        create function public.get_expired_sessions() returns table (id uuid, user_id uuid, expired_at timestamptz)
        language sql stable security definer set search_path = '' as $$
            select s.id, s.user_id, s.not_after from auth.sessions s where s.not_after <= pg_catalog.now()
        $$;
        create function public.cleanup_expired_sessions() returns integer
        language plpgsql volatile security definer set search_path = '' as $$
        declare
            gone integer;
        begin
            delete from auth.sessions s where s.not_after <= pg_catalog.now();
            get diagnostics gone = row_count;
            return gone;
        end $$;
        create function public.revoke_user_session(session_id uuid, reason text default null) returns boolean
        language plpgsql volatile security definer set search_path = '' as $$
        declare
            person uuid;
        begin
            delete from auth.sessions s where s.id = $1 returning s.user_id into person;
            if person is null then return false; end if;
            perform public.create_audit_log('sessions.revoked', 'revoked', 'auth', 'service', p_target_type => 'person',
                p_target_id => person::text, p_event_message => pg_catalog.left($2, 1000), p_session_id => $1);
            return true;
        end $$;
        create function public.revoke_all_user_sessions(
            user_id uuid, reason text default null, except_session uuid default null
        ) returns integer language plpgsql volatile security definer set search_path = '' as $$
        declare
            gone integer;
        begin
            delete from auth.sessions s where s.user_id = $1 and s.id is distinct from $3;
            get diagnostics gone = row_count;
            if gone > 0 then
                perform public.create_audit_log('sessions.revoked', 'revoked', 'auth', 'service',
                    p_target_type => 'person', p_target_id => $1::text, p_event_message => pg_catalog.left($2, 1000),
                    p_event_data => pg_catalog.jsonb_build_object('sessions', gone));
            end if;
            return gone;
        end $$;
        grant delete on auth.sessions to lean_definer;
        grant create on schema public to lean_definer;
        alter function public.get_expired_sessions() owner to lean_definer;
        alter function public.cleanup_expired_sessions() owner to lean_definer;
        alter function public.revoke_user_session(uuid, text) owner to lean_definer;
        alter function public.revoke_all_user_sessions(uuid, text, uuid) owner to lean_definer;
        revoke execute on function public.get_expired_sessions() from public;
        revoke execute on function public.cleanup_expired_sessions() from public;
        revoke execute on function public.revoke_user_session(uuid, text) from public;
        revoke execute on function public.revoke_all_user_sessions(uuid, text, uuid) from public;
        grant execute on function public.get_expired_sessions() to service_role;
        grant execute on function public.cleanup_expired_sessions() to service_role;
        grant execute on function public.revoke_user_session(uuid, text) to service_role;
        grant execute on function public.revoke_all_user_sessions(uuid, text, uuid) to service_role;

        create view public.active_user_sessions with (security_barrier = true) as
        select s.id, s.user_id, u.email as user_email, m.role as user_role, s.created_at, s.not_after as expires_at,
            coalesce(s.seen_at, s.updated_at) as last_accessed_at, host(s.ip) as ip_address, s.user_agent
        from auth.sessions s
        join auth.users u on u.id = s.user_id
        left join lateral auth.membership(s.user_id, s.organization_id) m on true
        where (s.not_after is null or s.not_after > now())
            and (s.user_id = auth.uid() or auth.role() = 'service_role');
        alter view public.active_user_sessions owner to lean_definer;
        revoke create on schema public from lean_definer;
        revoke all on public.active_user_sessions from public, anon, authenticated, service_role;
        grant select on public.active_user_sessions to authenticated, service_role;
        """
}
