import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A key pair as it is kept, its private half sealed.
public struct StoredKey: Sendable {
    /// The life of a pair, in Supabase's words.
    public enum Status: String, Sendable {
        /// Published, so that who verifies knows it before the first token is signed with it.
        case standby
        case inUse = "in_use"
        /// Signs no more; what it signed is good until it expires.
        case previouslyUsed = "previously_used"
        /// What it signed is refused.
        case revoked
    }

    public let id: String
    public let algorithm: SigningAlgorithm
    public let status: Status
    let publicJWK: JSON
    private let privateHalf: SealedText
    public let createdAt: Date

    /// What makes a difference to who verifies.
    struct Standing: Equatable, Sendable {
        let id: String
        let status: Status
    }

    var standing: Standing { Standing(id: id, status: status) }

    static let columns: SQL = "kid, algorithm, status, public_jwk, private_key, created_at"
    /// The name of the sealed column; part of each seal.
    static let privateColumn = "lean.signing_keys.private_key"

    init(_ row: Row) throws {
        id = try row["kid"]
        let (name, word): (String, String) = (try row["algorithm"], try row["status"])
        guard let algorithm = SigningAlgorithm(rawValue: name) else {
            throw DatabaseError.unreadable(column: "algorithm")
        }
        guard let status = Status(rawValue: word) else { throw DatabaseError.unreadable(column: "status") }
        self.algorithm = algorithm
        self.status = status
        publicJWK = try row["public_jwk"]
        privateHalf = try row["private_key"]
        createdAt = try row["created_at"]
    }

    static func all(on database: Database) async throws -> [StoredKey] {
        try await database.all(
            "select \(columns) from lean.signing_keys order by created_at desc, kid limit 100", StoredKey.init)
    }

    /// Only the pair in use signs: the private halves of the others stay closed.
    func paired(_ ring: KeyRing) async throws -> PairedKey {
        try await PairedKey(
            id: id, algorithm: algorithm, publicJWK: publicJWK, privateHalf: status == .inUse ? privateHalf : nil,
            column: Self.privateColumn, ring: ring)
    }
}
