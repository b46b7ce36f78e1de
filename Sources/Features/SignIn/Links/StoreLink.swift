import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// Writes the token's hashes down, in place of the person's earlier one of that type, and when it was sent.
    func storing(
        _ token: OneTimeToken, of person: ID<Person>, _ recipient: String, _ request: LinkRequest, id: String,
        _ now: Date
    ) -> [SQL] {
        let end = now.addingTimeInterval(settings.linkLife.inSeconds)
        let codeHash = OneTimeToken.hash(ofCode: token.code, for: recipient, linkKeys)
        let flow: SQL = request.challenge == nil ? "null" : "\(id)::uuid"
        let row: SQL = """
            insert into auth.one_time_tokens as t (
                id, user_id, token_type, token_hash, relates_to, created_at, updated_at, code_hash, expires_at,
                flow_state_id)
            values (
                gen_random_uuid(), \(person), \(request.purpose.tokenType)::auth.one_time_token_type,
                \(OneTimeToken.hash(of: token.token)), \(recipient), \(now)::timestamptz at time zone 'utc',
                \(now)::timestamptz at time zone 'utc', \(codeHash), \(end), \(flow))
            on conflict (user_id, token_type) do update set
                token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = excluded.created_at,
                updated_at = excluded.updated_at, code_hash = excluded.code_hash, expires_at = excluded.expires_at,
                flow_state_id = excluded.flow_state_id, attempts = 0
            """
        return [Self.flow(request, person, id: id, now), row, Self.noteSent(request.purpose, person, now)]
            .compactMap { $0 }
    }

    /// What the client that asked has to answer, once the link was followed.
    private static func flow(_ request: LinkRequest, _ person: ID<Person>, id: String, _ now: Date) -> SQL? {
        guard let challenge = request.challenge else { return nil }
        return """
            insert into auth.flow_state (
                id, user_id, code_challenge_method, code_challenge, provider_type, created_at, updated_at,
                authentication_method)
            values (
                \(id)::uuid, \(person), \(challenge.method.rawValue)::auth.code_challenge_method, \(challenge.text),
                'email', \(now), \(now), \(request.purpose.rawValue))
            on conflict (id) do nothing
            """
    }

    private static func noteSent(_ purpose: LinkPurpose, _ person: ID<Person>, _ now: Date) -> SQL {
        switch purpose {
        case .signup: "update auth.users set confirmation_sent_at = \(now) where id = \(person)"
        case .invite:
            "update auth.users set invited_at = \(now), confirmation_sent_at = \(now) where id = \(person)"
        case .magiclink, .recovery, .unlock: "update auth.users set recovery_sent_at = \(now) where id = \(person)"
        case .emailChange, .emailChangeCurrent:
            "update auth.users set email_change_sent_at = \(now) where id = \(person)"
        case .reauthentication: "update auth.users set reauthentication_sent_at = \(now) where id = \(person)"
        }
    }
}
