import Codecs
import Crypto
import JWTKit
import Threads
import _CryptoExtras

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How access tokens are signed by a key pair (RFC 7518, 3; RFC 8037), by the names of `alg`.
public enum SigningAlgorithm: String, Sendable, CaseIterable {
    case es256 = "ES256"
    case rs256 = "RS256"
    case edDSA = "EdDSA"

    private static let making = BlockingPool(name: "lean-keys", threads: 1, queueLimit: 8)

    /// A new key pair. RSA takes its time to find primes, so it happens on a thread of its own.
    package func makePair(id: String) async throws -> KeyPair {
        try await Self.making.run {
            switch self {
            case .es256: pair(id, P256.Signing.PrivateKey())
            case .rs256: try pair(id, try _RSA.Signing.PrivateKey(keySize: .bits3072))
            case .edDSA: pair(id, Curve25519.Signing.PrivateKey())
            }
        }
    }

    private func pair(_ id: String, _ key: P256.Signing.PrivateKey) -> KeyPair {
        // 4, then both coordinates (SEC 1, 2.3.3).
        let point = Array(key.publicKey.x963Representation)
        let members: [(String, JSON)] = [
            ("kty", "EC"), ("crv", "P-256"), ("x", .string(Base64URL.encode(Array(point[1..<33])))),
            ("y", .string(Base64URL.encode(Array(point[33...])))),
        ]
        return KeyPair(id: id, algorithm: self, publicJWK: jwk(id, members), privatePEM: Secret(key.pemRepresentation))
    }

    private func pair(_ id: String, _ key: _RSA.Signing.PrivateKey) throws -> KeyPair {
        let numbers = try key.publicKey.getKeyPrimitives()
        let members: [(String, JSON)] = [
            ("kty", "RSA"), ("n", .string(Base64URL.encode(Array(numbers.modulus)))),
            ("e", .string(Base64URL.encode(Array(numbers.publicExponent)))),
        ]
        return KeyPair(
            id: id, algorithm: self, publicJWK: jwk(id, members), privatePEM: Secret(key.pkcs8PEMRepresentation))
    }

    private func pair(_ id: String, _ key: Curve25519.Signing.PrivateKey) -> KeyPair {
        let members: [(String, JSON)] = [
            ("kty", "OKP"), ("crv", "Ed25519"),
            ("x", .string(Base64URL.encode(Array(key.publicKey.rawRepresentation)))),
        ]
        let pem = EdDSA.PrivateKey(backing: key).pemRepresentation
        return KeyPair(id: id, algorithm: self, publicJWK: jwk(id, members), privatePEM: Secret(pem))
    }

    private func jwk(_ id: String, _ members: [(String, JSON)]) -> JSON {
        .object(
            JSONObject(
                members + [
                    ("kid", .string(id)), ("alg", .string(rawValue)), ("use", "sig"), ("key_ops", ["verify"]),
                ]))
    }

    /// A collection with the one key that signs: jwt-kit finds no other in it.
    func signer(_ pem: Secret, id: String) async throws -> JWTKeyCollection {
        let keys = JWTKeyCollection()
        let (kid, pem) = (JWKIdentifier(string: id), pem.reveal())
        switch self {
        case .es256: await keys.add(ecdsa: try ES256PrivateKey(pem: pem), kid: kid)
        case .rs256: await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: pem), digestAlgorithm: .sha256, kid: kid)
        case .edDSA: await keys.add(eddsa: try EdDSA.PrivateKey(pem: pem), kid: kid)
        }
        return keys
    }
}

/// A key pair at its making. The private half is sealed before it is kept.
package struct KeyPair: Sendable {
    package let id: String
    package let algorithm: SigningAlgorithm
    /// RFC 7517, with `kid`, `alg` and `use`.
    package let publicJWK: JSON
    let privatePEM: Secret

    /// The private half, sealed for its row.
    package func sealed(_ ring: KeyRing, column: String) throws -> SealedText {
        try ring.seal(privatePEM.reveal(), for: SealedPlace(column, row: id))
    }
}
