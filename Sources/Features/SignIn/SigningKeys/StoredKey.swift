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
        /// What it signed has expired; nothing is verified with it any more.
        case retired
    }

    public let id: String
    public let algorithm: SigningAlgorithm
    public let status: Status
    let publicJWK: JSON
    /// Nil once the pair is of no more use: it is erased then.
    private let privateHalf: SealedText?
    public let createdAt: Date
    /// When it was rotated out.
    let retiredAt: Date?

    /// What makes a difference to who verifies.
    struct Standing: Equatable, Sendable {
        let id: String
        let status: Status
    }

    var standing: Standing { Standing(id: id, status: status) }

    static let columns: SQL = "kid, algorithm, status, public_jwk, private_key, created_at, retired_at"
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
        retiredAt = try row["retired_at"]
    }

    /// Most pairs that sign or verify. A rotation beyond is refused.
    static let liveLimit = 100

    static let isLive: SQL = "status in ('standby', 'in_use', 'previously_used')"

    /// The pairs that sign or verify, the newest first.
    package static func live(on database: Database) async throws -> [StoredKey] {
        try await database.all(
            "select \(columns) from lean.signing_keys where \(isLive) order by created_at desc, kid limit 100",
            StoredKey.init)
    }

    /// The newest 1,000 pairs, whatever became of them.
    static func all(on database: Database) async throws -> [StoredKey] {
        try await database.all(
            "select \(columns) from lean.signing_keys order by created_at desc, kid limit 1000", StoredKey.init)
    }

    /// Only the pair in use signs: the private halves of the others stay closed.
    func paired(_ ring: KeyRing) async throws -> PairedKey {
        try await PairedKey(
            id: id, algorithm: algorithm, publicJWK: publicJWK, privateHalf: status == .inUse ? privateHalf : nil,
            column: Self.privateColumn, ring: ring)
    }

    /// Opens the private half, and signs and verifies with it.
    ///
    /// - Throws: `SealRefusal` when it does not open, or is not the public half's.
    func prove(_ ring: KeyRing) async throws {
        guard let privateHalf else { throw SealRefusal.damaged }
        try await PairedKey(
            id: id, algorithm: algorithm, publicJWK: publicJWK, privateHalf: privateHalf, column: Self.privateColumn,
            ring: ring
        ).prove()
    }
}
