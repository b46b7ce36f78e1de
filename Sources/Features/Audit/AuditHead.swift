import Codecs
import Platform
import Postgres

/// Where the chain stands: the number of the last row that is sealed, and its hash.
public struct AuditHead: Sendable, Equatable {
    public let sequence: Int
    let hash: SealedRow.Hash

    /// Before the first row.
    static let origin = AuditHead(sequence: 0, hash: SealedRow.origin)

    init(sequence: Int, hash: SealedRow.Hash) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Reads `SEQUENCE:HASH`, as `description` writes it; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int(parts[0]), sequence > 0, let hash = Hex.decode(parts[1]),
            hash.count == 32
        else { return nil }
        self.init(sequence: sequence, hash: hash)
    }

    init(_ row: Row) throws {
        sequence = try row["sequence"]
        hash = try row["hash"]
    }

    /// The hash as hex.
    public var text: String { Hex.encode(hash) }

    /// What the server's key attests.
    var attested: [UInt8] { Array("lean audit head v1 \(sequence) \(text)".utf8) }

    /// The last that is sealed; nil when nothing is.
    public static func newest(_ database: Database) async throws -> AuditHead? {
        try await database.first(lastSeal, AuditHead.init)
    }

    /// A batch's last hash is that of its last row.
    private static let columns: SQL = "last as sequence, substring(hashes from octet_length(hashes) - 31) as hash, mac"

    static let lastSeal: SQL = "select \(columns) from lean.audit_batches order by last desc limit 1"

    /// The batch that ended at the number; none when there is no such batch.
    static func seal(_ sequence: Int) -> SQL {
        "select \(columns) from lean.audit_batches where last = \(sequence)"
    }
}

extension AuditHead: CustomStringConvertible {
    public var description: String { "\(sequence):\(text)" }
}
