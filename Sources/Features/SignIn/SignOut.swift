import Platform
import Postgres

extension SignIn {
    struct Scope: RequestInput {
        let name: String

        static let input = Input<Scope>(
            Field.text("scope", 1...20, default: "global", "`global`, `local` or `others`.").inQuery,
            make: Scope.init(name:)
        )
    }

    /// Ends sessions by deleting them, refresh tokens with them: access tokens of theirs are refused from now on.
    func signOut(_ call: Call<Principal, Scope>) async throws -> NoContent {
        let caller = call.caller
        let database = call.platform
        switch call.input.name {
        case "global":
            try await database.run("delete from auth.sessions where user_id = \(caller.id)")
        case "local":
            try await database.run(
                "delete from auth.sessions where user_id = \(caller.id) and id = \(caller.session)")
        case "others":
            try await database.run(
                "delete from auth.sessions where user_id = \(caller.id) and id <> \(caller.session)")
        default:
            throw Problem(.validationFailed, "scope must be global, local or others")
        }
        sessions.forget(caller.id)
        call.emit(.signedOut, ["scope": call.input.name])
        return NoContent()
    }
}
