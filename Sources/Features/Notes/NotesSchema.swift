import Platform
import Postgres

extension Notes {
    static let schema = Schema(
        tables: [
            Table("public.notes", .customers, personal: ["author_id", "title", "body"], kept: .whileCustomer)
        ],
        migrations: [
            Migration("001_create_notes", createNotes)
        ]
    )

    /// A note belongs to an organization. The policies are the whole access rule: no query of this feature filters by
    /// organization. Helpers stand in `(select …)` so that they run once a statement, not once a row.
    private static let createNotes: StaticString = """
        create table public.notes (
            id uuid primary key default gen_random_uuid(),
            organization_id uuid not null default auth.org_id() references public.organizations (id) on delete cascade,
            author_id uuid default auth.uid() references auth.users (id) on delete set null,
            title text not null check (length(title) between 1 and 200),
            body text not null default '' check (length(body) <= 10000),
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        );
        create index notes_organization_idx on public.notes (organization_id, created_at desc, id);
        create index notes_author_idx on public.notes (author_id);

        alter table public.notes enable row level security;
        alter table public.notes force row level security;
        grant select, insert, update, delete on public.notes to authenticated, service_role;

        create policy read on public.notes for select to authenticated
            using (organization_id = (select auth.org_id()) and (select auth.permits('notes:read')));
        create policy write on public.notes for insert to authenticated
            with check (organization_id = (select auth.org_id()) and (select auth.permits('notes:write')));
        create policy change on public.notes for update to authenticated
            using (organization_id = (select auth.org_id()) and (select auth.permits('notes:write')))
            with check (organization_id = (select auth.org_id()));
        create policy remove on public.notes for delete to authenticated
            using (organization_id = (select auth.org_id()) and (select auth.permits('notes:write')));
        create policy owner on public.notes to lean_owner using (true) with check (true);
        """
}
