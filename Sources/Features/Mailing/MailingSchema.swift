import Platform
import Postgres

extension Mailing {
    /// How long it is known that a letter was sent.
    static let daysKept = 30

    static let schema = Schema(
        tables: [
            Table("lean.mails", .customers, personal: ["recipient"], kept: .days(daysKept)),
            Table("lean.mail_suppressions", .customers, personal: ["address"], kept: .whileCustomer),
            Table("lean.mail_reports", .platform, personal: [], kept: .days(daysKept)),
            Table("lean.inbox", .customers, personal: ["recipient", "subject", "text", "html"], kept: .days(1)),
        ],
        migrations: [Migration("001_mails", mails), Migration("002_mail_reports", reports)]
    )

    /// What became of each letter, without what it said: letters hold links that sign in. The inbox is a developer's: nothing
    /// is written to it where a transport is set.
    private static let mails: StaticString = """
        create table lean.mails (
            id text primary key check (char_length(id) <= 100),
            kind text not null,
            recipient text not null,
            outcome text not null check (outcome in ('sent', 'refused', 'suppressed', 'over_budget')),
            transport text not null,
            provider_id text,
            at timestamptz not null
        );
        create index mails_recipient_at_idx on lean.mails (recipient, at);
        create index mails_provider_id_idx on lean.mails (provider_id) where provider_id is not null;
        create index mails_at_idx on lean.mails (at);

        create table lean.mail_suppressions (
            address text primary key,
            reason text not null check (reason in ('bounce', 'complaint', 'refused', 'operator')),
            at timestamptz not null
        );

        create table lean.inbox (
            id text primary key,
            recipient text not null,
            subject text not null,
            text text not null,
            html text not null,
            at timestamptz not null
        );
        create index inbox_at_idx on lean.inbox (at);

        grant select, insert, update, delete on lean.mails, lean.mail_suppressions, lean.inbox to lean_platform;
        alter table lean.mails enable row level security;
        alter table lean.mails force row level security;
        create policy platform on lean.mails to lean_platform using (true) with check (true);
        create policy owner on lean.mails to lean_owner using (true) with check (true);
        alter table lean.mail_suppressions enable row level security;
        alter table lean.mail_suppressions force row level security;
        create policy platform on lean.mail_suppressions to lean_platform using (true) with check (true);
        create policy owner on lean.mail_suppressions to lean_owner using (true) with check (true);
        alter table lean.inbox enable row level security;
        alter table lean.inbox force row level security;
        create policy platform on lean.inbox to lean_platform using (true) with check (true);
        create policy owner on lean.inbox to lean_owner using (true) with check (true);
        """

    /// What the provider told, each telling once under its own id. It tells in any order, and may be faster than we write down that
    /// the letter is out: so nothing here refers to `lean.mails`, and what became of a letter is what is told of its `provider_id`.
    private static let reports: StaticString = """
        create table lean.mail_reports (
            id text primary key check (char_length(id) <= 200),
            kind text not null check (char_length(kind) <= 100),
            provider_id text check (char_length(provider_id) <= 100),
            at timestamptz not null
        );
        create index mail_reports_provider_id_idx on lean.mail_reports (provider_id) where provider_id is not null;
        create index mail_reports_at_idx on lean.mail_reports (at);
        grant select, insert, delete on lean.mail_reports to lean_platform;
        """

    static let forgetSent = Job.scheduled(
        "mailing.forget_sent", .daily(at: "03:20"), "Forgets what became of letters after 30 days"
    ) { run in
        let now = run.services.clock.now()
        let long = now.addingTimeInterval(-Double(daysKept) * 86_400)
        let database = run.services.platform
        try await database.deleteInSlices(from: "lean.mails", where: "at < \(long)")
        try await database.deleteInSlices(from: "lean.mail_reports", where: "at < \(long)")
        try await database.deleteInSlices(from: "lean.inbox", where: "at < \(now.addingTimeInterval(-86_400))")
    }
}
