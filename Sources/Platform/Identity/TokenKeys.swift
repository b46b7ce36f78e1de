import Codecs
import Crypto
import JWTKit
import Threads

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Signs and verifies the tokens of this installation: HS256 with JWT_SECRET.
///
/// jwt-kit falls back to its default key for an unknown `kid` and takes the header's word for `alg`; both are checked here
/// first (RFC 8725, 3.1). A verified token is remembered by its SHA-256 until it expires, so that the signature is not
/// computed for each request.
public final class TokenKeys: Sendable {
    private let keys = JWTKeyCollection()
    private let secret: Secret
    private let verified = Locked(BoundedCache<SHA256Digest, Claims>(limit: 10_000))
    private let isReady = Locked(false)

    /// - Parameter secret: at least 32 bytes (RFC 7518, 3.2).
    public init(secret: Secret) {
        self.secret = secret
    }

    /// Signs claims: compact JWS, `typ` JWT.
    package func sign(_ claims: JSONObject) async throws -> String {
        try await prepare()
        return try await keys.sign(RawClaims(object: claims))
    }

    /// - Throws: `TokenRefusal`.
    package func verify(_ token: String, now: Date) async throws -> Claims {
        let seconds = Int(now.timeIntervalSince1970)
        let digest = Self.digest(token)
        if let claims = verified.withLock({ $0.value(of: digest) }) {
            guard claims.expires > seconds else { throw TokenRefusal.expired }
            return claims
        }
        let claims = try await verifySignature(token)
        guard claims.expires > seconds else { throw TokenRefusal.expired }
        verified.withLock { $0.insert(claims, for: digest) }
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
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= 8_192, parts.count == 3,
            let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let fields = (try? JSON(parsing: header))?.object
        else { throw TokenRefusal.malformed }
        guard fields["alg"]?.string == "HS256" else { throw TokenRefusal.wrongAlgorithm }
        guard fields["kid"] == nil, fields["crit"] == nil else { throw TokenRefusal.unknownKey }
        try await prepare()
        do {
            _ = try await keys.verify(token, as: UncheckedClaims.self)
        } catch {
            throw TokenRefusal.badSignature
        }
        return try Claims(payload: payload)
    }

    private func prepare() async throws {
        let mustAdd = isReady.withLock { isReady in
            defer { isReady = true }
            return !isReady
        }
        if mustAdd { await keys.add(hmac: HMACKey(from: Array(secret.reveal().utf8)), digestAlgorithm: .sha256) }
    }
}

/// What jwt-kit decodes while it verifies the signature; the claims are read by `Claims`.
private struct UncheckedClaims: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// Claims as JSON of ours, handed to jwt-kit.
private struct RawClaims: JWTPayload {
    let object: JSONObject

    init(object: JSONObject) {
        self.object = object
    }

    init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "only for signing"))
    }

    func encode(to encoder: any Encoder) throws {
        try EncodableJSON(value: .object(object)).encode(to: encoder)
    }

    func verify(using algorithm: some JWTAlgorithm) {}
}
