import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `leansaas keys revoke` and `retire` do: the pair neither signs nor verifies any more, and its private half is erased.
extension SigningKeyRotation {
    /// What the pair signed is refused from now on, on every node.
    ///
    /// - Throws: `Problem` when there is no such pair, or it is the one in use.
    public static func revoke(_ id: String, _ services: Services) async throws {
        let count = try await services.platform.run(
            """
            update lean.signing_keys set status = 'revoked', revoked_at = now(), private_key = null
            where kid = \(id) and \(StoredKey.isLive) and status <> 'in_use'
            """)
        guard count == 1 else { throw Problem(.notFound, try await why(id, services)) }
    }

    /// When a pair may be retired.
    public enum Retirement: Sendable {
        /// When the last token that it signed has expired.
        case afterItsTokens
        /// Also before: tokens that still live are refused.
        case atOnce
    }

    /// Takes a pair away that has served: one more that nobody needs to publish, keep and protect.
    ///
    /// How long its tokens live is JWT_EXPIRY as it is set here, and a minute for clocks that differ.
    ///
    /// - Throws: `Problem` when there is no such pair, it is in use, or its tokens may still live.
    public static func retire(_ id: String, _ when: Retirement, _ services: Services) async throws {
        let life = services.settings.duration("JWT_EXPIRY").map { Int($0.components.seconds) + 60 }
        // Without a life nothing is old enough.
        let seconds = when == .atOnce ? 0 : life ?? .max / 1_000_000
        let count = try await services.platform.run(
            """
            update lean.signing_keys set status = 'retired', revoked_at = now(), private_key = null
            where kid = \(id)
              and (status = 'standby'
                   or status = 'previously_used'
                      and extract(epoch from now() - retired_at) >= \(seconds)::float8)
            """)
        guard count == 1 else { throw Problem(.conflict, try await why(id, services, life: life)) }
    }

    /// Why a pair could not be ended.
    private static func why(_ id: String, _ services: Services, life: Int? = nil) async throws -> String {
        let key = try await services.platform.first(
            "select \(StoredKey.columns) from lean.signing_keys where kid = \(id)", StoredKey.init)
        switch key?.status {
        case nil: return "There is no such key."
        case .inUse: return "It is in use: `leansaas keys rotate` first."
        case .revoked: return "It is revoked already."
        case .retired: return "It is retired already."
        case .standby, .previouslyUsed:
            let until = key?.retiredAt.map { $0.addingTimeInterval(Double(life ?? 0)).formatted(.iso8601) }
            return
                "Tokens that it signed may live until \(until ?? "later"). Retire it then, or with --force now, which "
                + "refuses them."
        }
    }
}
