import Postgres

extension Audit {
    /// Who asks for a few reads a few, however long the log is and however many are signed in.
    ///
    /// The indexes have the list's order to the end. The view asks two questions, of which one has no answer: together they would
    /// have no index. The role is that of `auth.membership`, read by the view's owner: the caller's policies would show but the
    /// organization that they act for now.
    static let reach: StaticString = """
        drop index public.audit_logs_actor_idx, public.audit_logs_target_idx, public.audit_logs_organization_idx;
        create index audit_logs_actor_idx on public.audit_logs (actor_id, created_at, id) where actor_id is not null;
        create index audit_logs_target_idx on public.audit_logs (target_id, created_at, id) where target_id is not null;
        create index audit_logs_organization_idx on public.audit_logs (organization_id, created_at, id)
            where organization_id is not null;

        grant create on schema public to lean_definer;
        create or replace view public.active_user_sessions with (security_barrier = true) as
        select s.id, s.user_id, (select u.email from auth.users u where u.id = s.user_id) as user_email,
            (
                select m.role from public.organization_members m
                join public.organizations o on o.id = m.organization_id
                where m.user_id = s.user_id
                    and (m.organization_id = s.organization_id or (o.is_personal and o.created_by = s.user_id))
                order by m.organization_id = s.organization_id desc nulls last limit 1
            ) as user_role, s.created_at, s.not_after as expires_at,
            coalesce(s.seen_at, s.updated_at) as last_accessed_at, host(s.ip) as ip_address, s.user_agent
        from auth.sessions s
        where (s.not_after is null or s.not_after > now())
            and s.user_id = (select auth.uid()) and (select auth.role()) is distinct from 'service_role'
        union all
        select s.id, s.user_id, (select u.email from auth.users u where u.id = s.user_id),
            (
                select m.role from public.organization_members m
                join public.organizations o on o.id = m.organization_id
                where m.user_id = s.user_id
                    and (m.organization_id = s.organization_id or (o.is_personal and o.created_by = s.user_id))
                order by m.organization_id = s.organization_id desc nulls last limit 1
            ), s.created_at, s.not_after,
            coalesce(s.seen_at, s.updated_at), host(s.ip), s.user_agent
        from auth.sessions s
        where (s.not_after is null or s.not_after > now()) and (select auth.role()) = 'service_role';
        revoke create on schema public from lean_definer;
        """
}
