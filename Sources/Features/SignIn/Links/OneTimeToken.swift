import Codecs
import Crypto
import Platform

/// What stands in a letter: a token for the link and a code to be typed, either of which works once.
///
/// Both are derived from the id of the request that asked for them, so that each attempt to send the letter sends the same
/// ones though they are stored nowhere: the database holds only hashes.
struct OneTimeToken: Sendable {
    /// 256 bits as Base64URL; `pkce_` before it says that the link ends in a code for the client that asked.
    let token: String
    /// Six digits.
    let code: String

    static let pkcePrefix = "pkce_"

    init(for request: String, isPKCE: Bool, _ keys: LinkKeys) {
        let link = Array(HMAC<SHA256>.authenticationCode(for: Array("link \(request)".utf8), using: keys.derivation))
        token = (isPKCE ? Self.pkcePrefix : "") + Base64URL.encode(link)
        let digits = HMAC<SHA256>.authenticationCode(for: Array("code \(request)".utf8), using: keys.derivation)
        // 64 bits against a million: no digit is more likely than another by more than 10⁻¹³.
        let number = digits.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000
        code = String(String(number + 1_000_000).dropFirst())
    }

    /// `auth.one_time_tokens.token_hash` of what a link carries.
    static func hash(of token: String) -> String { Hex.encode(Array(SHA256.hash(data: Array(token.utf8)))) }

    /// `auth.one_time_tokens.code_hash`: keyed, since six digits are soon tried, and bound to the address.
    static func hash(ofCode code: String, for address: String, _ keys: LinkKeys) -> String {
        let text = Array("\(address)\u{0}\(code)".utf8)
        return Hex.encode(Array(HMAC<SHA256>.authenticationCode(for: text, using: keys.codes)))
    }
}

/// The keys of links and codes, each kept apart from those that sign tokens (RFC 5869).
struct LinkKeys: Sendable {
    let derivation: SymmetricKey
    let codes: SymmetricKey

    init(_ secret: Secret) {
        func key(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)), info: Array(purpose.utf8),
                outputByteCount: 32)
        }
        derivation = key("lean letter tokens")
        codes = key("lean letter codes")
    }
}
