import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// What became of a refresh token that was shown.
    private enum Verdict: String {
        /// It was the newest: it is used up now, and its child stands.
        case fresh
        /// It was used less than the reuse interval ago: its child is given again.
        case repeated
        /// It was used before that: somebody else has it too, so the session is ended.
        case stolen
        /// The rules have ended its session: it was too long ago that it began, or that anything was done with it.
        case expired
    }

    /// One statement decides and acts, under the token's row lock: of twenty that come at once one is fresh and nineteen
    /// are repeated, and all get the same child.
    func refresh(_ call: Call<Visitor, Grant>) async throws -> TokenAnswer {
        guard let text = call.input.refreshToken else {
            throw Problem(.validationFailed, "refresh_token required")
        }
        let shown = RefreshToken(text: text)
        let child = settings.rotatesRefreshTokens ? shown.child(refreshKey) : shown
        let found = try await rotated(rotation(shown, child, call.now), call)
        guard let found else { throw Problem(.refreshTokenNotFound) }
        let state = found.state
        switch found.verdict {
        case .fresh, .repeated: break
        case .stolen:
            sessions.forget(state.user.id)
            call.emit(.refreshTokenReused, of: .person(state.user.id), ["session": state.id.text])
            throw Problem(.refreshTokenUsed)
        case .expired:
            sessions.forget(state.user.id)
            throw Problem(.sessionExpired)
        }
        guard state.isOpen(at: call.now) else { throw Problem(.refreshTokenNotFound) }
        let claims = found.claims ?? claims(of: state, at: call.now)
        return try await tokens(for: state, refresh: child, call.services, claims: claims)
    }

    private struct Rotated: Sendable {
        let verdict: Verdict
        let state: SessionState
        /// As the hook wants them; nil: there is none.
        var claims: JSONObject?

        init(_ row: Row) throws {
            let name: String = try row["verdict"]
            guard let verdict = Verdict(rawValue: name) else { throw DatabaseError.unreadable(column: "verdict") }
            self.verdict = verdict
            state = try SessionState(row)
        }
    }

    /// A hook that fails takes the rotation back: the token stays good until the hook is, and nobody is signed out by it.
    private func rotated(_ rotation: SQL, _ call: Call<Visitor, Grant>) async throws -> Rotated? {
        guard settings.accessTokenHook != nil else { return try await call.platform.first(rotation, Rotated.init) }
        return try await call.platform.transaction { transaction in
            guard var found = try await transaction.first(rotation, Rotated.init) else { return nil }
            guard found.verdict == .fresh || found.verdict == .repeated, found.state.isOpen(at: call.now) else {
                return found
            }
            let own = claims(of: found.state, at: call.now)
            found.claims = try await customized(own, method: "token_refresh") { statements in
                var answer: JSON?
                for statement in statements.dropLast() { try await transaction.run(statement) }
                for statement in statements.suffix(1) {
                    answer = try await transaction.one(statement) { try $0["answer"] }
                }
                return answer
            }
            return found
        }
    }

    private func rotation(_ shown: RefreshToken, _ child: RefreshToken, _ now: Date) -> SQL {
        let reusableSince = now.addingTimeInterval(-settings.reuseInterval.inSeconds)
        let notBefore = now.addingTimeInterval(-settings.refreshTokenLife.inSeconds)
        let openedBy = settings.sessions.timebox.map { now.addingTimeInterval(-$0.inSeconds) }
        let idleSince = settings.sessions.inactivity.map { now.addingTimeInterval(-$0.inSeconds) }
        return """
            with shown as (
                select id, revoked, updated_at, session_id, user_id
                from auth.refresh_tokens
                where token = \(shown.digest) and created_at > \(notBefore)
                for update
            ), judged as (
                select shown.*, case
                    when s.not_after <= \(now) or s.created_at <= \(openedBy)::timestamptz
                        or coalesce(s.refreshed_at at time zone 'utc', s.created_at) <= \(idleSince)::timestamptz
                        then 'expired'
                    when not revoked then 'fresh'
                    when shown.updated_at >= \(reusableSince) then 'repeated'
                    else 'stolen'
                end as verdict
                from shown
                join auth.sessions s on s.id = shown.session_id
            ), used as (
                update auth.refresh_tokens t set revoked = \(settings.rotatesRefreshTokens), updated_at = \(now)
                from judged where t.id = judged.id and verdict = 'fresh'
            ), followed as (
                insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, parent, session_id)
                select \(child.digest), user_id, false, \(now), \(now), \(shown.digest), session_id
                from judged where verdict = 'fresh' and \(settings.rotatesRefreshTokens)
            ), touched as (
                update auth.sessions s set refreshed_at = \(now)::timestamptz at time zone 'utc', updated_at = \(now)
                from judged where s.id = judged.session_id and verdict = 'fresh'
            ), ended as (
                delete from auth.sessions s using judged where s.id = judged.session_id and verdict in ('stolen', 'expired')
            )
            select judged.verdict, \(SessionState.columns)
            from judged
            join auth.sessions s on s.id = judged.session_id
            join auth.users u on u.id = s.user_id and u.deleted_at is null
            cross join lateral auth.membership(u.id, s.organization_id) m
            cross join lateral auth.allowance(m.organization_id) a
            """
    }
}
