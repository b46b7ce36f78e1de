import Codecs
import Platform
import Postgres

extension SignIn {
    /// An account without an address or a password: whoever has the session is the person. An address makes it one to come
    /// back to.
    func signUpAnonymously(_ call: Call<Visitor, Registration>) async throws -> SignedUp {
        guard settings.allowsAnonymous else { throw Problem(.anonymousDisabled) }
        let person = ID<Person>()
        let refresh = RefreshToken.random()
        let account: SQL = """
            insert into auth.users (
                instance_id, id, aud, role, raw_app_meta_data, raw_user_meta_data, is_anonymous, created_at, updated_at)
            values (
                '00000000-0000-0000-0000-000000000000', \(person), 'authenticated', 'authenticated', '{}',
                \(JSON.object(call.input.metadata ?? [:])), true, \(call.now), \(call.now))
            """
        let told = call.recording(.signedUp, of: .person(person), as: person, ["by": "anonymous"])
        let opening = try opening(of: person, refresh: refresh, call, SessionTerms(.anonymous))
        let results = try await call.platform.batch([account, told] + opening)
        return .signedIn(try await tokens(for: results.lastRow(SessionState.init), refresh: refresh, call.services))
    }
}

extension ProblemKind {
    static let anonymousDisabled = ProblemKind(
        "anonymous_provider_disabled", 422, "Anonymous sign-ins are disabled")
    static let anonymousNeedsEmail = ProblemKind(
        "validation_failed", 422,
        "Updating password of an anonymous user without an email or phone is not allowed")
}
