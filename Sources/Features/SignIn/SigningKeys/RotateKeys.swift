import Platform
import Postgres

/// What `leansaas keys rotate`, `list` and `revoke` do.
public enum SigningKeyRotation {
    /// Puts the standby pair in use, or a new one when there is none. What the pair before signed stays good until it expires.
    ///
    /// - Parameter algorithm: of a new pair; nil: ES256, or what the standby has.
    /// - Throws: `SealRefusal.noKey` without ENCRYPTION_KEY.
    @discardableResult
    public static func rotate(_ algorithm: SigningAlgorithm?, _ services: Services) async throws -> StoredKey {
        if let standby = try await promote(services) { return standby }
        _ = try await insert(algorithm ?? .es256, services)
        guard let key = try await promote(services) else { throw Problem(.conflict, "Another rotation is under way.") }
        return key
    }

    /// Makes a pair that is published now and put in use by the next `rotate`: for verifiers that read the keys rarely.
    @discardableResult
    public static func prepare(_ algorithm: SigningAlgorithm, _ services: Services) async throws -> StoredKey {
        try await insert(algorithm, services)
    }

    public static func list(_ services: Services) async throws -> [StoredKey] {
        try await StoredKey.all(on: services.platform)
    }

    /// What the pair signed is refused from now on, on every node.
    ///
    /// - Throws: `Problem` when there is no such pair, or it is the one in use.
    public static func revoke(_ id: String, _ services: Services) async throws {
        let count = try await services.platform.run(
            """
            update lean.signing_keys set status = 'revoked', revoked_at = now()
            where kid = \(id) and status <> 'in_use'
            """)
        guard count == 1 else {
            throw Problem(.notFound, "There is no such key, or it is in use: rotate first, then revoke.")
        }
    }

    private static func insert(_ algorithm: SigningAlgorithm, _ services: Services) async throws -> StoredKey {
        let pair = try await algorithm.makePair(id: ID<StoredKey>().text)
        let sealed = try pair.sealed(services.keyRing, column: StoredKey.privateColumn)
        do {
            return try await services.platform.one(
                """
                insert into lean.signing_keys (kid, algorithm, status, public_jwk, private_key)
                values (\(pair.id), \(algorithm.rawValue), 'standby', \(pair.publicJWK), \(sealed))
                returning \(StoredKey.columns)
                """, StoredKey.init)
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            throw Problem(
                .conflict, "A standby key is there already; `leansaas keys rotate` puts it in use.", cause: error)
        }
    }

    /// One transaction: there is never more than one pair in use, and a moment without one nobody sees.
    private static func promote(_ services: Services) async throws -> StoredKey? {
        try await services.platform.transaction { transaction in
            let standby: String? = try await transaction.first(
                "select kid from lean.signing_keys where status = 'standby' for update"
            ) { try $0["kid"] }
            guard let standby else { return nil }
            try await transaction.run(
                """
                update lean.signing_keys set status = 'previously_used', retired_at = now()
                where status = 'in_use'
                """)
            return try await transaction.first(
                """
                update lean.signing_keys set status = 'in_use', used_at = now()
                where kid = \(standby)
                returning \(StoredKey.columns)
                """, StoredKey.init)
        }
    }
}
