import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A sign-up whose letter is on its way, as the place remembers it that it came from: with its password a sign-in from there is told
/// that the address is not confirmed, also where the address was taken and there is nothing to confirm. Else a sign-up and a
/// sign-in together would tell whether somebody has an account.
enum PendingSignUp {
    static let migration: StaticString = """
        create table lean.pending_sign_ups (
            address text not null check (char_length(address) <= 254),
            network cidr not null,
            password_hash text not null check (char_length(password_hash) <= 255),
            at timestamptz not null,
            primary key (address, network)
        );
        create index pending_sign_ups_at_idx on lean.pending_sign_ups (at);
        grant select, insert, update, delete on lean.pending_sign_ups to lean_platform;
        alter table lean.pending_sign_ups enable row level security;
        alter table lean.pending_sign_ups force row level security;
        create policy platform on lean.pending_sign_ups to lean_platform using (true) with check (true);
        create policy owner on lean.pending_sign_ups to lean_owner using (true) with check (true);
        """

    static let table = Table(
        "lean.pending_sign_ups", .customers, personal: ["address", "network", "password_hash"], kept: .days(2))

    /// How long it is remembered.
    static let seconds = 86_400.0

    static func keeping(_ account: NewAccount, at place: Whereabouts) -> SQL {
        """
        insert into lean.pending_sign_ups (address, network, password_hash, at)
        select \(account.email.text), n.network, \(account.hash?.text), \(account.now)
        from (select \(place.network)::cidr as network) n
        where n.network is not null
        on conflict (address, network) do update set password_hash = excluded.password_hash, at = excluded.at
        """
    }

    /// Its letter was answered: there is nothing to confirm any more.
    static func forgetting(_ address: String) -> SQL {
        "delete from lean.pending_sign_ups where address = \(address)"
    }

    static func forgetting(of person: ID<Person>) -> SQL {
        "delete from lean.pending_sign_ups where address = (select email from auth.users where id = \(person))"
    }

    /// The password's hash, as a column beside an account's.
    static func hash(of email: String, at place: Whereabouts, _ now: Date) -> SQL {
        """
        (select password_hash from lean.pending_sign_ups
            where address = \(email) and network = \(place.network)::cidr
                and at > \(now.addingTimeInterval(-seconds))) as pending
        """
    }
}
