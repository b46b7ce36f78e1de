import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A sign-in from where a person's account was not used from before: what the job that tells them needs.
struct NewDeviceNotice: Sendable, Codable {
    let person: String
    let device: String
    let address: String
    /// `2026-03-01 09:30 UTC`
    let time: String
    /// `Language`'s raw value, when the person's metadata names none.
    let language: String
}

extension SignIn {
    /// How long a device is known after it was last signed in on.
    static let daysKnown = 180

    static let noticeKind = JobKind<NewDeviceNotice>("auth.tell_new_device")

    /// The statements that remember where a person signs in from, and before that have a letter sent if it is new to them. The very
    /// first place is none to be told of.
    func noticing<Input>(
        _ place: Whereabouts, of person: ID<Person>, _ call: Call<Visitor, Input>
    ) throws -> [SQL] {
        guard let network = place.network, let region = place.region else { return [] }
        let remembering: SQL = """
            insert into lean.known_devices (user_id, device, network, first_seen_at, last_seen_at)
            values (\(person), \(place.device), \(network)::cidr, \(call.now), \(call.now))
            on conflict (user_id, device, network) do update set last_seen_at = excluded.last_seen_at
            """
        guard call.services.mail.isOn else { return [remembering] }
        let notice = NewDeviceNotice(
            person: person.text, device: place.device, address: place.address, time: Self.minute(call.now),
            language: Self.language(of: nil, call.request).rawValue)
        let telling = try call.services.jobs.enqueue(
            Self.noticeKind, notice, key: "\(person.text) \(region) \(place.device.prefix(60))",
            where: """
                exists (select from lean.known_devices where user_id = \(person))
                and not exists (
                    select from lean.known_devices
                    where user_id = \(person) and device = \(place.device) and network <<= \(region)::cidr)
                """)
        return [telling, remembering]
    }

    private static func minute(_ now: Date) -> String {
        "\(now.rfc3339.prefix(16).replacing("T", with: " ")) UTC"
    }

    var noticeJob: Job {
        Self.noticeKind.job("Tells a person of a sign-in from a device or a place that is new to them") {
            [self] notice, run in
            guard let letter = try await letter(of: notice, run.services) else { return }
            try await Mailing.deliver(letter, id: run.id, run.services)
        }
    }

    /// Nil for somebody without an address that is theirs.
    private func letter(of notice: NewDeviceNotice, _ services: Services) async throws -> Letter? {
        guard let person = ID<Person>(notice.person) else { return nil }
        return try await services.platform.first(
            """
            select email, raw_user_meta_data as metadata from auth.users
            where id = \(person) and email <> '' and email_confirmed_at is not null and deleted_at is null
            """
        ) { row in
            let language = Self.language(in: try row["metadata"]) ?? Language(rawValue: notice.language) ?? .english
            return Letter(
                .newDevice, to: try row["email"], in: language,
                [
                    "device": Device.spoken(notice.device, in: language), "address": notice.address,
                    "time": notice.time,
                    "link": settings.apiURL + "/account/recover",
                ])
        }
    }

    static let knownDevices: StaticString = """
        create table lean.known_devices (
            user_id uuid not null references auth.users (id) on delete cascade,
            device text not null check (char_length(device) <= 100),
            network cidr not null,
            first_seen_at timestamptz not null,
            last_seen_at timestamptz not null,
            primary key (user_id, device, network)
        );
        create index known_devices_last_seen_at_idx on lean.known_devices (last_seen_at);
        grant select, insert, update, delete on lean.known_devices to lean_platform;
        alter table lean.known_devices enable row level security;
        alter table lean.known_devices force row level security;
        create policy platform on lean.known_devices to lean_platform using (true) with check (true);
        create policy owner on lean.known_devices to lean_owner using (true) with check (true);
        """
}
