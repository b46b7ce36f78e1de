import Codecs
import Crypto
import Platform

/// A refresh token: 256 bits, of which the database holds the SHA-256 alone.
struct RefreshToken: Sendable {
    let text: String

    /// What stands in `auth.refresh_tokens.token`.
    var digest: String { Hex.encode(Array(SHA256.hash(data: Array(text.utf8)))) }

    init(text: String) {
        self.text = text
    }

    static func random() -> RefreshToken {
        RefreshToken(text: Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max) }))
    }

    /// The token that follows this one: the same each time, so that a client which lost the answer gets it again, though
    /// it is nowhere stored. Without the key nobody can tell it from this one.
    func child(_ key: SymmetricKey) -> RefreshToken {
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
        return RefreshToken(text: Base64URL.encode(Array(code)))
    }

    /// The key of `child`, kept apart from the one that signs tokens (RFC 5869).
    static func childKey(_ secret: Secret) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)),
            info: Array("lean refresh token child".utf8), outputByteCount: 32)
    }
}
