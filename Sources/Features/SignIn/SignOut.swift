import Platform
import Postgres

extension SignIn {
    struct Scope: RequestInput {
        let name: String

        static let input = Input<Scope>(
            Field.optionalText("scope", upTo: 20, "`global` unless it is `local` or `others`.")
                .example("global").inQuery
        ) { Scope(name: $0 ?? "global") }
    }

    /// Ends sessions by deleting them, refresh tokens with them: access tokens of theirs are refused from now on.
    func signOut(_ call: Call<Principal, Scope>) async throws -> NoContent {
        let caller = call.caller
        let which: SQL
        switch call.input.name {
        case "global": which = "true"
        case "local": which = "id = \(caller.session)"
        case "others": which = "id <> \(caller.session)"
        default: throw Problem(.validationFailed, "scope must be global, local or others")
        }
        _ = try await call.platform.batch([
            "delete from auth.sessions where user_id = \(caller.id) and \(which)",
            call.recording(.signedOut, of: .person(caller.id), ["scope": call.input.name]),
        ])
        sessions.forget(caller.id)
        return NoContent()
    }
}
