import Platform
import Postgres

extension SignIn {
    /// What looking after accounts and sessions needs of the schema.
    static let accountMigrations = [
        Migration("accounts_by_age", accountsByAge),
        Migration("devices_of_sessions", devicesOfSessions),
        Migration("departures", departures),
        Migration("custom_access_token_hook", AccessTokenHook.migration),
        Migration("methods_of_sessions", UsedMethod.migration),
        Migration("known_devices", knownDevices),
        Migration("accounts_by_what_leads_to_them", accountsByWhatLeadsToThem),
        Migration("pending_sign_ups", PendingSignUp.migration),
        Migration("changes_agreed_to_by_side", agreedBySide),
    ]
    static let accountTables = [
        Table("lean.departures", .platform, personal: [], kept: .days(365)),
        Table("auth.mfa_amr_claims", .customers, personal: ["session_id"], kept: .days(30)),
        Table(
            "lean.known_devices", .customers, personal: ["user_id", "device", "network"], kept: .days(daysKnown)),
        PendingSignUp.table,
    ]

    /// Administrators read accounts by pages, the newest first.
    private static let accountsByAge: StaticString = """
        create index users_created_at_idx on auth.users (created_at, id);
        """

    /// The address that somebody changes to, and tokens without a session: who asks for a letter, or deletes an account, does not
    /// read everybody's.
    private static let accountsByWhatLeadsToThem: StaticString = """
        create index users_email_change_idx on auth.users (email_change) where email_change is not null;
        create index refresh_tokens_without_session_idx on auth.refresh_tokens (user_id) where session_id is null;
        """

    /// What counted how many addresses agree to a change says now which has: changes that wait are asked for anew.
    private static let agreedBySide: StaticString = """
        update auth.users set email_change = '', email_change_confirm_status = 0 where email_change <> '';
        delete from auth.one_time_tokens where token_type in ('email_change_token_new', 'email_change_token_current');
        """

    /// Ours beside GoTrue's: what a session runs on, and when it was last seen.
    private static let devicesOfSessions: StaticString = """
        alter table auth.sessions add column device jsonb check (octet_length(device::text) <= 2000);
        alter table auth.sessions add column seen_at timestamptz;
        """

    /// Why people delete their accounts, without saying who: nothing here refers to anybody.
    private static let departures: StaticString = """
        create table lean.departures (
            id bigint generated always as identity primary key,
            reason text not null check (length(reason) between 1 and 500),
            deleted_data boolean not null,
            at timestamptz not null
        );
        create index departures_at_idx on lean.departures (at);
        grant insert on lean.departures to lean_platform;
        """
}
