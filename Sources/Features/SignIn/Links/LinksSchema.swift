import Platform
import Postgres

extension SignIn {
    /// GoTrue's tables by its names. Ours beside them: the code's hash and how often it was guessed at, the end, and the flow.
    static let oneTimeTokens: StaticString = """
        create type auth.one_time_token_type as enum (
            'confirmation_token', 'reauthentication_token', 'recovery_token', 'email_change_token_new',
            'email_change_token_current', 'phone_change_token');
        create type auth.code_challenge_method as enum ('s256', 'plain');

        create table auth.flow_state (
            id uuid primary key,
            user_id uuid references auth.users (id) on delete cascade,
            auth_code text,
            code_challenge_method auth.code_challenge_method,
            code_challenge text,
            provider_type text not null,
            provider_access_token text,
            provider_refresh_token text,
            created_at timestamptz,
            updated_at timestamptz,
            authentication_method text not null,
            auth_code_issued_at timestamptz
        );
        create unique index flow_state_auth_code_idx on auth.flow_state (auth_code);
        create index flow_state_user_id_idx on auth.flow_state (user_id);
        create index flow_state_created_at_idx on auth.flow_state (created_at);

        create table auth.one_time_tokens (
            id uuid primary key,
            user_id uuid not null references auth.users (id) on delete cascade,
            token_type auth.one_time_token_type not null,
            token_hash text not null check (char_length(token_hash) > 0),
            relates_to text not null,
            created_at timestamp not null default now(),
            updated_at timestamp not null default now(),
            code_hash text,
            attempts smallint not null default 0,
            expires_at timestamptz not null,
            flow_state_id uuid references auth.flow_state (id) on delete set null
        );
        create unique index one_time_tokens_user_id_token_type_key on auth.one_time_tokens (user_id, token_type);
        create index one_time_tokens_token_hash_idx on auth.one_time_tokens (token_hash);
        create index one_time_tokens_relates_to_idx on auth.one_time_tokens (relates_to);
        create index one_time_tokens_flow_state_id_idx on auth.one_time_tokens (flow_state_id);

        grant select, insert, update, delete on auth.flow_state, auth.one_time_tokens to lean_platform;
        alter table auth.flow_state enable row level security;
        alter table auth.flow_state force row level security;
        create policy platform on auth.flow_state to lean_platform using (true) with check (true);
        create policy owner on auth.flow_state to lean_owner using (true) with check (true);
        alter table auth.one_time_tokens enable row level security;
        alter table auth.one_time_tokens force row level security;
        create policy platform on auth.one_time_tokens to lean_platform using (true) with check (true);
        create policy owner on auth.one_time_tokens to lean_owner using (true) with check (true);
        """

    static let linkTables = [
        Table("auth.flow_state", .customers, personal: ["user_id"], kept: .days(1)),
        Table("auth.one_time_tokens", .customers, personal: ["user_id", "relates_to"], kept: .days(1)),
    ]
}
