import Codecs
import Platform
import Postgres
import Threads

/// The key pairs of the installation as this node knows them: read from the database, believed only under the lease, as
/// sessions are. So a pair that is revoked on one node is refused by the others within the lease's 50 ms, and one that was put
/// in use on another node is known when the first of its tokens comes.
package final class SigningKeys: Sendable {
    private struct Known: Sendable {
        /// What tokens are signed and verified with now; nil before the first reading.
        var keys: [StoredKey]?
        /// Whether all that was told has been read.
        var isWhole = false
        /// Counts what was told: what was read before that must not be installed after it.
        var epoch = 0
        var fault: SealRefusal?
        var readAt: ContinuousClock.Instant?
        var search = KeySearch()
    }

    private let known = Locked(Known())
    private let flight = SingleFlight()
    private let stored: @Sendable (Database) async throws -> [StoredKey]
    /// How old the public keys may be that are told without a lease.
    private static let publishedAge: Duration = .seconds(1)

    /// - Parameter stored: reads the pairs; tests hold it on its way.
    package init(_ stored: @escaping @Sendable (Database) async throws -> [StoredKey] = StoredKey.live) {
        self.stored = stored
    }

    /// Why the pair that signs cannot; nil when it can, and when JWT_SECRET signs.
    var signerFault: SealRefusal? { known.withLock { $0.fault } }

    /// Reads the pairs unless what is known may be believed.
    package func prepare(_ services: Services) async throws {
        if !isCurrent(services) { try await read(services) }
    }

    /// The claims of a token, by whatever signed it.
    ///
    /// - Throws: `TokenRefusal`.
    package func verified(_ token: String, _ services: Services) async throws -> Claims {
        let now = services.clock.now()
        if let claims = services.tokens.remembered(token, now: now), claims.keyID == nil || isCurrent(services) {
            return claims
        }
        // Without a pair's id nothing of the database is asked.
        guard let id = CompactJWS(token)?.keyID else { return try await services.tokens.verify(token, now: now) }
        if !services.tokens.has(id) { try await search(id, services) }
        // The signature comes first: who has none of ours makes nobody read.
        let claims = try await services.tokens.verify(token, now: now)
        if isCurrent(services) { return claims }
        try await read(services)
        return try await services.tokens.verify(token, now: now)
    }

    /// What clients verify with: all pairs but the revoked and the retired.
    func published(_ services: Services) async throws -> [JSON] {
        let isFresh = known.withLock { known in
            known.isWhole && known.readAt.map { $0 + Self.publishedAge > .now } ?? false
        }
        if !isFresh { try await prepare(services) }
        return known.withLock { $0.keys ?? [] }.map(\.publicJWK)
    }

    private func isCurrent(_ services: Services) -> Bool {
        services.lease.isCurrent && known.withLock { $0.isWhole }
    }

    private func search(_ id: String, _ services: Services) async throws {
        guard known.withLock({ $0.search.begins(id, at: .now) }) else { return }
        do {
            try await read(services)
        } catch {
            known.withLock { $0.search.ended(id, found: nil, at: .now) }
            throw error
        }
        known.withLock { $0.search.ended(id, found: services.tokens.has(id), at: .now) }
    }

    private func read(_ services: Services) async throws {
        try await flight.run { try await readWhole(services) }
    }

    /// Reads until nothing was told meanwhile. Keys that change three times while one statement runs are nothing to answer by.
    private func readWhole(_ services: Services) async throws {
        for _ in 0..<3 {
            let (epoch, standing) = known.withLock { ($0.epoch, $0.keys?.map(\.standing)) }
            let keys = try await stored(services.platform)
            var pairs: [PairedKey]?
            if keys.map(\.standing) != standing { pairs = try await paired(keys, services.keyRing) }
            if install(keys, pairs, services.tokens, readIn: epoch) { return }
        }
        throw Problem(.unavailable, retryAfterSeconds: 1)
    }

    private func paired(_ keys: [StoredKey], _ ring: KeyRing) async throws -> [PairedKey] {
        var pairs: [PairedKey] = []
        for key in keys { pairs.append(try await key.paired(ring)) }
        return pairs
    }

    /// All in one: nothing that is told comes between what is known and what tokens are verified with.
    ///
    /// - Parameter pairs: nil: they stand as they stood.
    /// - Returns: false, and nothing was installed, when something was told since the epoch.
    private func install(_ keys: [StoredKey], _ pairs: [PairedKey]?, _ tokens: TokenKeys, readIn epoch: Int) -> Bool {
        known.withLock { known in
            guard known.epoch == epoch else { return false }
            if let pairs {
                let signer = keys.first { $0.status == .inUse }?.id
                tokens.use(pairs, signer: signer)
                known.fault = pairs.first { $0.id == signer }?.fault
            }
            known.keys = keys
            known.isWhole = true
            known.readAt = .now
            return true
        }
    }

    private func forget() {
        known.withLock { known in
            known.epoch += 1
            known.isWhole = false
            known.search.forget()
        }
    }

    /// Some node changed a pair.
    package var subscription: Subscription {
        Subscription("lean_signing_keys") { [self] _ in
            forget()
        } onGap: { [self] in
            forget()
        }
    }
}
