import HTTPTypes
import Platform
import Postgres

extension SignIn {
    struct WhichSession: RequestInput {
        let id: ID<Session>

        static let input = Input<WhichSession>(
            Field.id("sessionId", "The session.").inPath, make: WhichSession.init(id:))
    }

    /// Somebody else's session is none.
    func revokeSession(_ call: Call<Principal, WhichSession>) async throws -> Done {
        try await revoke(call.input.id, call)
    }

    /// A session's id names one, and proves nothing: whoever signs out shows their access token.
    func logOut(_ call: Call<Principal, NoInput>) async throws -> Done {
        var session = call.caller.session
        if let text = call.request.headers[.sessionID] {
            guard let named = ID<Session>(text) else { throw Problem(.sessionIDRequired) }
            session = named
        }
        return try await revoke(session, call)
    }

    private func revoke<Input>(_ session: ID<Session>, _ call: Call<Principal, Input>) async throws -> Done {
        let person = call.caller.id
        let told = call.recording(.sessionRevoked, of: .session(session))
        try await call.platform.transaction { transaction in
            let ended = try await transaction.run(
                "delete from auth.sessions where id = \(session) and user_id = \(person)")
            guard ended > 0 else { throw Problem(.notFound) }
            try await transaction.run(told)
        }
        sessions.forget(person)
        return Done(message: "Session revoked successfully", timestamp: call.now)
    }
}

extension HTTPField.Name {
    fileprivate static let sessionID = named("X-Session-ID")
}
