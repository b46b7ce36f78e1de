import Codecs
import Crypto
import JWTKit
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Signs and verifies the tokens of this installation: HS256 with JWT_SECRET, and the key pairs that it is given.
///
/// jwt-kit falls back to its default key for an unknown `kid` and takes the header's word for `alg`: each key here has a
/// collection of its own, and both are checked before it is asked (RFC 8725, 3.1). A verified token is remembered by its SHA-256
/// until it expires or the keys change, so that the signature is not computed for each request.
public final class TokenKeys: Sendable {
    private struct Known: Sendable {
        var pairs: [String: PairedKey] = [:]
        var signer: PairedKey?
        var verified = Sieve<SHA256Digest, Claims>(limit: 10_000)
        /// Counts changes: a token that was verified with keys of before must not be remembered after it.
        var epoch = 0
    }

    private let shared = JWTKeyCollection()
    private let secret: Secret
    private let known = Locked(Known())
    private let isReady = Locked(false)

    /// - Parameter secret: at least 32 bytes (RFC 7518, 3.2).
    public init(secret: Secret) {
        self.secret = secret
    }

    /// The verified tokens that are remembered.
    package var memory: WatchedMemory {
        WatchedMemory("verified_tokens") { [self] in known.withLock { $0.verified.figures } }
    }

    // MARK: - Key pairs

    /// The pairs that count from now on, in place of those before.
    ///
    /// - Parameter signer: the id of the one that signs persons' tokens; nil: JWT_SECRET does.
    package func use(_ pairs: [PairedKey], signer: String?) {
        known.withLock { known in
            known.pairs = Dictionary(pairs.map { ($0.id, $0) }) { first, _ in first }
            known.signer = signer.flatMap { known.pairs[$0] }
            known.verified.removeAll()
            known.epoch += 1
        }
    }

    /// Whether a pair of this id is known.
    package func has(_ id: String) -> Bool {
        known.withLock { $0.pairs[id] != nil }
    }

    // MARK: - Signing

    /// Signs claims by JWT_SECRET: compact JWS, `typ` JWT. For the two keys of clients.
    package func sign(_ claims: JSONObject) async throws -> String {
        try await prepare()
        return try await shared.sign(RawClaims(object: claims))
    }

    /// Signs a person's claims: by the pair that signs, when there is one.
    ///
    /// - Throws: `SealRefusal` when its private half cannot be opened here.
    package func signPersonal(_ claims: JSONObject) async throws -> String {
        guard let signer = known.withLock({ $0.signer }) else { return try await sign(claims) }
        return try await signer.sign(claims)
    }

    // MARK: - Verifying

    /// The claims of a token that was verified before and has not expired: a hash and a look-up.
    package func remembered(_ token: String, now: Date) -> Claims? {
        let digest = Self.digest(token)
        guard let claims = known.withLock({ $0.verified.value(of: digest) }) else { return nil }
        return claims.expires > Int(now.timeIntervalSince1970) ? claims : nil
    }

    /// - Throws: `TokenRefusal`.
    package func verify(_ token: String, now: Date) async throws -> Claims {
        let seconds = Int(now.timeIntervalSince1970)
        let digest = Self.digest(token)
        let (epoch, remembered) = known.withLock { ($0.epoch, $0.verified.value(of: digest)) }
        if let remembered {
            guard remembered.expires > seconds else { throw TokenRefusal.expired }
            return remembered
        }
        let claims = try await verifySignature(token)
        guard claims.expires > seconds else { throw TokenRefusal.expired }
        // A clock that runs a minute ahead of ours is forgiven.
        guard claims.notBefore <= seconds + 60 else { throw TokenRefusal.notYetValid }
        guard claims.issuedAt <= seconds + 60 else { throw TokenRefusal.issuedInFuture }
        known.withLock { known in
            if known.epoch == epoch { known.verified.insert(claims, for: digest) }
        }
        return claims
    }

    private static func digest(_ token: String) -> SHA256Digest {
        var token = token
        return token.withUTF8 { bytes in
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            return hash.finalize()
        }
    }

    private func verifySignature(_ token: String) async throws -> Claims {
        guard let parts = CompactJWS(token) else { throw TokenRefusal.malformed }
        let keys: JWTKeyCollection
        if let id = parts.keyID {
            guard let pair = known.withLock({ $0.pairs[id] }) else { throw TokenRefusal.unknownKey }
            guard parts.algorithm == pair.algorithm.rawValue else { throw TokenRefusal.wrongAlgorithm }
            keys = pair.verifier
        } else {
            guard parts.algorithm == "HS256" else { throw TokenRefusal.wrongAlgorithm }
            try await prepare()
            keys = shared
        }
        do {
            _ = try await keys.verify(token, as: UncheckedClaims.self)
        } catch {
            throw TokenRefusal.badSignature
        }
        return try Claims(payload: parts.payload, keyID: parts.keyID)
    }

    private func prepare() async throws {
        let mustAdd = isReady.withLock { isReady in
            defer { isReady = true }
            return !isReady
        }
        if mustAdd { await shared.add(hmac: HMACKey(from: Array(secret.reveal().utf8)), digestAlgorithm: .sha256) }
    }
}

/// What jwt-kit decodes while it verifies the signature; the claims are read by `Claims`.
struct UncheckedClaims: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) {}
}
