import Codecs
import Platform
import Postgres
import Threads

/// The key pairs of the installation as this node knows them: read from the database, believed only under the lease, as
/// sessions are. So a pair that is revoked on one node is refused by the others within the lease's 50 ms, and one that was put
/// in use on another node is known when the first of its tokens comes.
final class SigningKeys: Sendable {
    private struct Known: Sendable {
        /// Nil before the first reading, and when a change has been told that was not read yet.
        var keys: [StoredKey]?
        /// Counts what was told: what was read before that must not be believed after it.
        var epoch = 0
        var fault: SealRefusal?
        /// What the tokens are verified with now.
        var used: [StoredKey.Standing]?
        /// When an unknown key last made us read.
        var lastSearch: ContinuousClock.Instant?
    }

    private let known = Locked(Known())
    /// An unknown key makes a node read at most so often: whoever makes keys up makes no load.
    private static let searchInterval: Duration = .seconds(1)

    /// Why the pair that signs cannot; nil when it can, and when JWT_SECRET signs.
    var signerFault: SealRefusal? { known.withLock { $0.fault } }

    /// Reads the pairs unless they are known.
    func prepare(_ services: Services) async throws {
        let isKnown = known.withLock { $0.keys != nil }
        if isKnown, services.lease.isCurrent { return }
        try await read(services)
    }

    /// The claims of a token, by whatever signed it.
    ///
    /// - Throws: `TokenRefusal`.
    func verified(_ token: String, _ services: Services) async throws -> Claims {
        let now = services.clock.now()
        if let claims = services.tokens.remembered(token, now: now),
            claims.keyID == nil || (services.lease.isCurrent && known.withLock { $0.keys != nil })
        {
            return claims
        }
        // Without a pair's id nothing of the database is asked.
        guard let id = CompactJWS(token)?.keyID else { return try await services.tokens.verify(token, now: now) }
        try await prepare(services)
        if !services.tokens.has(id), maySearch() { try await read(services) }
        return try await services.tokens.verify(token, now: now)
    }

    /// What clients verify with: all pairs but the revoked.
    func published(_ services: Services) async throws -> [JSON] {
        try await prepare(services)
        let keys = known.withLock { $0.keys } ?? []
        return keys.filter { $0.status != .revoked }.map(\.publicJWK)
    }

    private func maySearch() -> Bool {
        known.withLock { known in
            let now = ContinuousClock.now
            if let last = known.lastSearch, last + Self.searchInterval > now { return false }
            known.lastSearch = now
            return true
        }
    }

    /// Reads until nothing was told meanwhile; after three times what is there has to do, and is read anew when it is needed.
    private func read(_ services: Services) async throws {
        for _ in 0..<3 {
            let (epoch, used) = known.withLock { ($0.epoch, $0.used) }
            let keys = try await StoredKey.all(on: services.platform)
            if keys.map(\.standing) != used { try await use(keys, services) }
            let isWhole = known.withLock { known in
                if known.epoch == epoch { known.keys = keys }
                return known.epoch == epoch
            }
            if isWhole { return }
        }
    }

    private func use(_ keys: [StoredKey], _ services: Services) async throws {
        var pairs: [PairedKey] = []
        for key in keys where key.status != .revoked { pairs.append(try await key.paired(services.keyRing)) }
        let signer = keys.first { $0.status == .inUse }?.id
        let fault = pairs.first { $0.id == signer }?.fault
        services.tokens.use(pairs, signer: signer)
        known.withLock { known in
            known.fault = fault
            known.used = keys.map(\.standing)
        }
    }

    private func forget() {
        known.withLock { known in
            known.epoch += 1
            known.keys = nil
        }
    }

    /// Some node changed a pair.
    var subscription: Subscription {
        Subscription("lean_signing_keys") { [self] _ in
            forget()
        } onGap: { [self] in
            forget()
        }
    }
}
