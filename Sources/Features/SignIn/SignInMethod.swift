import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How somebody comes in, by GoTrue's words. Source: supabase/auth, internal/models/factor.go.
enum SignInMethod: String, Sendable {
    case password, anonymous
    /// A link or a code of a letter.
    case otp
    // What a letter was for, when a client's code opens the session.
    case magiclink, recovery, invite
    case emailSignUp = "email/signup"
    case emailChange = "email_change"

    /// - Parameter flow: `auth.flow_state.authentication_method`.
    init(flow: String) {
        self = LinkPurpose(rawValue: flow)?.method ?? .otp
    }
}

/// A way in that a session's person has shown: an entry of the claim `amr`.
struct UsedMethod: Sendable {
    /// `SignInMethod`'s raw value, or one that another version knows.
    let name: String
    let at: Date

    init(name: String, at: Date) {
        self.name = name
        self.at = at
    }

    var claim: JSON { ["method": .string(name), "timestamp": JSON(Int(at.timeIntervalSince1970))] }

    /// What `column` gave, in its order.
    static func all(in json: JSON?) -> [UsedMethod] {
        (json?.array ?? []).compactMap { entry in
            guard let name = entry["method"]?.string, let seconds = entry["timestamp"]?.int else { return nil }
            return UsedMethod(name: name, at: Date(timeIntervalSince1970: Double(seconds)))
        }
    }

    /// Of `auth.sessions s`, the latest first.
    static let column: SQL = """
        (select jsonb_agg(jsonb_build_object(
            'method', c.authentication_method, 'timestamp', floor(extract(epoch from c.updated_at))::bigint)
            order by c.updated_at desc, c.authentication_method)
         from auth.mfa_amr_claims c where c.session_id = s.id) as amr
        """

    /// GoTrue's table by its names: a session has each method once, of the time when it was last shown.
    static let migration: StaticString = """
        create table auth.mfa_amr_claims (
            session_id uuid not null references auth.sessions (id) on delete cascade,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            authentication_method text not null,
            id uuid not null constraint amr_id_pk primary key,
            constraint mfa_amr_claims_session_id_authentication_method_pkey unique (session_id, authentication_method)
        );
        grant select, insert, update, delete on auth.mfa_amr_claims to lean_platform;
        alter table auth.mfa_amr_claims enable row level security;
        alter table auth.mfa_amr_claims force row level security;
        create policy platform on auth.mfa_amr_claims to lean_platform using (true) with check (true);
        create policy owner on auth.mfa_amr_claims to lean_owner using (true) with check (true);
        """
}
