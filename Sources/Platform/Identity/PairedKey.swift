import Codecs
import JWTKit

/// A key pair of the installation, ready to verify, and to sign when its private half could be opened.
package struct PairedKey: Sendable {
    package let id: String
    package let algorithm: SigningAlgorithm
    package let publicJWK: JSON
    let verifier: JWTKeyCollection
    private let signer: JWTKeyCollection?
    private let refusal: SealRefusal?

    /// - Parameters:
    ///   - privateHalf: sealed for the row of its id; nil for a pair that only verifies.
    ///   - column: where it stands.
    /// - Throws: when the public half is none that its algorithm knows.
    package init(
        id: String, algorithm: SigningAlgorithm, publicJWK: JSON, privateHalf: SealedText?, column: String,
        ring: KeyRing
    ) async throws {
        self.id = id
        self.algorithm = algorithm
        self.publicJWK = publicJWK
        verifier = try await JWTKeyCollection().add(jwk: JWK(json: publicJWK.text))
        guard let privateHalf else {
            (signer, refusal) = (nil, nil)
            return
        }
        do {
            let pem = Secret(try ring.open(privateHalf, for: SealedPlace(column, row: id)))
            signer = try await algorithm.signer(pem, id: id)
            refusal = nil
        } catch let refusal as SealRefusal {
            // Its tokens still verify; whoever asks it to sign is told why it does not.
            (signer, self.refusal) = (nil, refusal)
        }
    }

    /// Why it cannot sign; nil when it can.
    package var fault: SealRefusal? { signer == nil ? refusal ?? .noKey : nil }

    /// Signs something and verifies it: the private half opens, and is the public one's.
    ///
    /// - Throws: `SealRefusal`.
    package func prove() async throws {
        let token = try await sign(["iss": "proof"])
        do {
            _ = try await verifier.verify(token, as: UncheckedClaims.self)
        } catch {
            throw SealRefusal.damaged
        }
    }

    func sign(_ claims: JSONObject) async throws -> String {
        guard let signer else { throw refusal ?? SealRefusal.noKey }
        return try await signer.sign(RawClaims(object: claims), kid: JWKIdentifier(string: id))
    }
}

/// Claims as JSON of ours, handed to jwt-kit.
struct RawClaims: JWTPayload {
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
