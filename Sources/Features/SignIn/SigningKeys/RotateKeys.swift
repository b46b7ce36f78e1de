import Platform
import Postgres

/// What `leansaas keys rotate`, `standby` and `list` do.
public enum SigningKeyRotation {
    /// Puts the standby pair in use, or a new one when there is none. What the pair before signed stays good until it expires.
    ///
    /// - Parameter algorithm: of a new pair; nil: ES256, or what the standby has.
    /// - Throws: `Problem`, and nothing has changed: there is a standby pair of another algorithm, or it cannot be opened with
    ///   the keys of this process. `SealRefusal.noKey` without ENCRYPTION_KEY.
    @discardableResult
    public static func rotate(_ algorithm: SigningAlgorithm?, _ services: Services) async throws -> StoredKey {
        // Made before the transaction: an RSA key takes its time.
        let isThere = try await standby(services) != nil
        let made = isThere ? nil : try await make(algorithm ?? .es256, services)
        do {
            return try await services.platform.transaction { transaction in
                if let made { try await transaction.run(made) }
                let found = try await transaction.first(
                    "select \(StoredKey.columns) from lean.signing_keys where status = 'standby' for update",
                    StoredKey.init)
                guard let found else { throw Problem(.conflict, "Another rotation is under way; try again.") }
                try await check(found, algorithm, services)
                return try await promote(found, transaction)
            }
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            throw Problem(.conflict, "Another rotation is under way; try again.", cause: error)
        }
    }

    /// Makes a pair that is published now and put in use by the next `rotate`: for verifiers that read the keys rarely.
    ///
    /// - Throws: `Problem` when there is one already; `SealRefusal.noKey` without ENCRYPTION_KEY.
    @discardableResult
    public static func prepare(_ algorithm: SigningAlgorithm, _ services: Services) async throws -> StoredKey {
        let made = try await make(algorithm, services)
        do {
            return try await services.platform.one(made, StoredKey.init)
        } catch DatabaseError.server(let error) where error.state == .uniqueViolation {
            throw Problem(
                .conflict, "A standby key is there already; `leansaas keys rotate` puts it in use.", cause: error)
        }
    }

    public static func list(_ services: Services) async throws -> [StoredKey] {
        try await StoredKey.all(on: services.platform)
    }

    private static func standby(_ services: Services) async throws -> StoredKey? {
        try await services.platform.first(
            "select \(StoredKey.columns) from lean.signing_keys where status = 'standby'", StoredKey.init)
    }

    /// The statement that adds a new pair as the standby.
    private static func make(_ algorithm: SigningAlgorithm, _ services: Services) async throws -> SQL {
        let count: Int = try await services.platform.one(
            "select count(*) as count from lean.signing_keys where \(StoredKey.isLive)"
        ) { try $0["count"] }
        guard count < StoredKey.liveLimit else {
            throw Problem(.conflict, "There are \(count) keys. `leansaas keys retire` those whose tokens have expired.")
        }
        let pair = try await algorithm.makePair(id: ID<StoredKey>().text)
        let sealed = try pair.sealed(services.keyRing, column: StoredKey.privateColumn)
        return """
            insert into lean.signing_keys (kid, algorithm, status, public_jwk, private_key)
            values (\(pair.id), \(algorithm.rawValue), 'standby', \(pair.publicJWK), \(sealed))
            returning \(StoredKey.columns)
            """
    }

    /// A pair that nobody can sign with would stop every sign-in.
    private static func check(
        _ standby: StoredKey, _ algorithm: SigningAlgorithm?, _ services: Services
    ) async throws {
        if let algorithm, algorithm != standby.algorithm {
            throw Problem(
                .conflict,
                "The standby key \(standby.id) is \(standby.algorithm.rawValue), not \(algorithm.rawValue); nothing was "
                    + "changed. Leave --algorithm out to put it in use, or `leansaas keys revoke \(standby.id)` first.")
        }
        do {
            try await standby.prove(services.keyRing)
        } catch {
            throw Problem(
                .conflict,
                "The standby key \(standby.id) cannot be opened with ENCRYPTION_KEY and ENCRYPTION_KEYS_PREVIOUS as they "
                    + "are set here; nothing was changed. Set the key that sealed it, or "
                    + "`leansaas keys revoke \(standby.id)` and rotate again.", cause: error)
        }
    }

    /// There is never more than one pair in use, and a moment without one nobody sees.
    private static func promote(_ standby: StoredKey, _ transaction: Transaction) async throws -> StoredKey {
        try await transaction.run(
            """
            update lean.signing_keys set status = 'previously_used', retired_at = now()
            where status = 'in_use'
            """)
        return try await transaction.one(
            """
            update lean.signing_keys set status = 'in_use', used_at = now()
            where kid = \(standby.id)
            returning \(StoredKey.columns)
            """, StoredKey.init)
    }
}
