-- What `notes_list` does in the database, without HTTP: the transaction that the server sends, in one round trip.
\startpipeline
begin;
select
    set_config('request.jwt.claims', :claims, true),
    set_config('request.organization_id', :organization, true),
    set_config(
        'request.organization_role',
        auth.enter(:session::uuid, :person::uuid, :organization::uuid, 'owner'),
        true),
    set_config('role', 'authenticated', true);
select id, author_id, title, body, created_at, updated_at from notes
order by created_at desc, id
limit 20 offset 0;
commit;
\endpipeline
