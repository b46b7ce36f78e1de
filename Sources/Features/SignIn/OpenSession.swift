import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// The statements that open a session: its row, how the person came in, its first refresh token, the time of sign-in, and
    /// last the state that `SessionState.init` reads.
    func opening<Input>(
        of person: ID<Person>, refresh: RefreshToken, _ call: Call<Visitor, Input>, _ terms: SessionTerms
    ) throws -> [SQL] {
        let id = ID<Session>()
        let now = call.now
        let life = [terms.life, settings.sessions.timebox].compactMap { $0 }.min()
        let end = life.map { now.addingTimeInterval($0.inSeconds) }
        let others: [SQL] =
            settings.sessions.isSinglePerUser ? ["delete from auth.sessions where user_id = \(person)"] : []
        let noticed = terms.isPassing ? [] : try noticing(Whereabouts(call.request), of: person, call)
        return others + noticed + [
            "update auth.users set last_sign_in_at = \(now), updated_at = \(now) where id = \(person)",
            """
            insert into auth.sessions (id, user_id, created_at, updated_at, aal, not_after, user_agent, ip, device)
            values (
                \(id), \(person), \(now), \(now), 'aal1', \(end), \(call.request.userAgent),
                \(call.request.address)::inet, \(terms.device?.stored)::jsonb)
            """,
            """
            insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
            values (gen_random_uuid(), \(id), \(now), \(now), \(terms.method.rawValue))
            """,
            """
            insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, session_id)
            values (\(refresh.digest), \(person.text), false, \(now), \(now), \(id))
            """,
            """
            select \(SessionState.columns)
            from auth.sessions s
            join auth.users u on u.id = s.user_id
            cross join lateral auth.membership(u.id, s.organization_id) m
            cross join lateral auth.allowance(m.organization_id) a
            where s.id = \(id)
            """,
        ]
    }
}
