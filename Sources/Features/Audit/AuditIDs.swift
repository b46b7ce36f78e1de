import Postgres

extension Audit {
    /// Ids that begin with the time (version 7 of RFC 9562, section 5.7): the newest rows stand together in the index, so that writing
    /// and sealing them touch a few of its pages and not, in a log that is kept for good, a page of their own each.
    ///
    /// And `lean.audit_commitment` says no more of itself than what it is made of: `convert_to` is stable. PostgreSQL does not put an
    /// immutable function in place of its call that calls a stable one, but parses and plans it for each statement.
    static let ids: StaticString = """
        create function lean.audit_id() returns uuid language sql volatile as $$
            select pg_catalog.encode(
                pg_catalog.set_bit(
                    pg_catalog.set_bit(
                        pg_catalog.overlay(
                            pg_catalog.uuid_send(pg_catalog.gen_random_uuid()),
                            pg_catalog.substring(
                                pg_catalog.int8send(
                                    (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint), 3),
                            1),
                        52, 1),
                    53, 1),
                'hex')::uuid
        $$;
        revoke execute on function lean.audit_id() from public;
        grant execute on function lean.audit_id() to service_role, lean_definer;
        alter table public.audit_logs alter column id set default lean.audit_id();

        alter function lean.audit_commitment(bytea, text, text, text) stable;

        create or replace function lean.record_events(events jsonb) returns void
        language plpgsql volatile security definer set search_path = '' as $$
        begin
            with event as materialized (
                select coalesce(e.id, lean.audit_id()) as made, uuid_send(gen_random_uuid()) as salt,
                    coalesce(e.address, e.agent, e.email) is not null as is_personal, e.*
                from jsonb_to_recordset(events) as e (
                    id uuid, at timestamptz, type text, action text, category text, result text, message text,
                    data jsonb, is_security boolean, actor_type text, actor_id uuid, organization_id uuid,
                    session_id uuid, target_type text, target_id text, request_id text, module text, function text,
                    address text, agent text, email text)
            ), kept as (
                insert into lean.audit_personal (audit_id, person_id, salt, address, agent, email, at)
                select made, actor_id, salt, address, agent, email, coalesce(at, now()) from event where is_personal
            )
            insert into public.audit_logs (
                id, created_at, event_type, event_action, event_category, event_result, event_message, event_data,
                is_security, actor_type, actor_id, organization_id, session_id, target_type, target_id, request_id,
                module_name, function_name, personal)
            select made, coalesce(at, now()), type, action, category, coalesce(result, 'success'), message,
                coalesce(data, '{}'), coalesce(is_security, false), coalesce(actor_type, 'system'), actor_id,
                organization_id, session_id, target_type, target_id, request_id, module, function,
                case when is_personal then lean.audit_commitment(salt, address, agent, email) end
            from event;
        end $$;

        create or replace function public.create_audit_log(
            p_event_type text, p_event_action text, p_event_category text, p_actor_type text default 'system',
            p_actor_id uuid default null, p_target_type text default null, p_target_id text default null,
            p_event_data jsonb default '{}', p_event_result text default 'success', p_event_message text default null,
            p_request_id text default null, p_session_id uuid default null, p_module_name text default null,
            p_function_name text default null, p_organization_id uuid default null, p_actor_email text default null,
            p_actor_ip inet default null, p_actor_user_agent text default null
        ) returns uuid language plpgsql volatile security definer set search_path = '' as $$
        declare
            made constant uuid := lean.audit_id();
        begin
            -- What is not said is refused by the table, not taken for what it mostly is.
            perform lean.record_events(jsonb_build_array(jsonb_build_object(
                'id', made, 'type', p_event_type, 'action', p_event_action, 'category', p_event_category,
                'result', coalesce(p_event_result, ''), 'message', p_event_message,
                'data', case when jsonb_typeof(p_event_data) = 'null' then '""' else p_event_data end,
                'is_security', p_event_category = 'security', 'actor_type', coalesce(p_actor_type, ''),
                'actor_id', p_actor_id,
                'organization_id', p_organization_id, 'session_id', p_session_id, 'target_type', p_target_type,
                'target_id', p_target_id, 'request_id', p_request_id, 'module', p_module_name,
                'function', p_function_name, 'address', host(p_actor_ip), 'agent', p_actor_user_agent,
                'email', p_actor_email)));
            return made;
        end $$;
        """
}
