import Platform
import Postgres

extension SignIn {
    /// The statements that open a session: its row, its first refresh token, the time of sign-in, and last the state
    /// that `SessionState.init` reads.
    func opening<Input>(of person: ID<Person>, refresh: RefreshToken, _ call: Call<Visitor, Input>) -> [SQL] {
        let id = ID<Session>()
        let now = call.now
        return [
            "update auth.users set last_sign_in_at = \(now), updated_at = \(now) where id = \(person)",
            """
            insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip)
            values (\(id), \(person), \(now), \(now), 'aal1', \(call.request.userAgent), \(call.request.address)::inet)
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
