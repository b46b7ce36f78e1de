import Codecs
import Platform
import Postgres

extension SignIn {
    /// The claims as the hook wants them, if there is one.
    ///
    /// - Parameter ask: runs the statements in one transaction and gives the last one's row.
    func customized(
        _ claims: JSONObject, method: String, _ ask: ([SQL]) async throws -> JSON?
    ) async throws -> JSONObject {
        guard let hook = settings.accessTokenHook else { return claims }
        do {
            return try hook.claims(in: try await ask(hook.statements(claims, method: method)), insteadOf: claims)
        } catch DatabaseError.server(let error) where error.state == .queryCanceled {
            throw Problem(.hookTimeout, cause: error)
        } catch DatabaseError.server(let error) {
            // Whatever it ran into is the product's fault, never the person's.
            throw Problem(.internalError, cause: error)
        } catch let fault as HookFault {
            throw Problem(.internalError, cause: fault)
        }
    }

    /// For a session that was just opened: one whose claims cannot be had does not stay.
    func customizedOrEnded(
        _ claims: JSONObject, of state: SessionState, _ services: Services
    ) async throws -> JSONObject {
        do {
            return try await customized(claims, method: state.methods.first?.name ?? "") { statements in
                try await services.platform.batch(statements).lastRow { try $0["answer"] }
            }
        } catch {
            try await services.platform.run("delete from auth.sessions where id = \(state.id)")
            throw error
        }
    }
}
