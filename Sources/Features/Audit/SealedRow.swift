import Codecs
import Crypto
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A row of the audit log as the chain sees it: the bytes that its hash is made of.
///
/// Each value is its length in bytes as a big-endian 32-bit integer, -1 for none, and its UTF-8, in the order of `columns`, with
/// microseconds since 1970 for the time; a row's hash is SHA-256 of the hash before it, of 32 zeros for the first, and of SHA-256 of those bytes.
struct SealedRow: Sendable {
    let id: UUID
    /// Of the row's own bytes.
    private let digest: SHA256.Digest

    typealias Hash = [UInt8]
    static let origin = Hash(repeating: 0, count: 32)

    /// Of `audit_logs a`, each of a type that comes as PostgreSQL holds it: making text of ids and times costs it more than finding
    /// the row.
    static let columns: SQL = """
        a.id, a.created_at, a.event_type, a.event_action, a.event_category, a.event_result, a.event_message, a.event_data,
        a.is_security::text as is_security, a.actor_type, a.actor_id, a.organization_id, a.session_id, a.target_type,
        a.target_id, a.request_id, a.module_name, a.function_name, encode(a.personal, 'hex') as personal,
        case when not (a.created_at >= '0001-01-01 00:00+00' and a.created_at < '294247-01-01 00:00+00')
            then trunc(extract(epoch from a.created_at) * 1000000)::text end as distant_time
        """

    /// Those after the time.
    private static let names: [StaticString] = [
        "event_type", "event_action", "event_category", "event_result", "event_message", "event_data", "is_security",
        "actor_type", "actor_id", "organization_id", "session_id", "target_type", "target_id", "request_id",
        "module_name", "function_name", "personal",
    ]

    init(_ row: Row) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        id = try row["id"]
        try Self.add(to: &bytes) { try row.append("id", to: &$0) }
        Self.add(try Self.microseconds(row), to: &bytes)
        for name in Self.names { try Self.add(to: &bytes) { try row.append(name, to: &$0) } }
        digest = SHA256.hash(data: bytes)
    }

    /// Times before the year 1, after 294246 and endless ones, which only who tampers writes, come as text: they are to be found, not
    /// failed at. So is a row that has none.
    private static func microseconds(_ row: Row) throws -> String? {
        if let distant: String = try row["distant_time"] { return distant }
        let time: CivilTime? = try row["created_at"]
        return time.map { String($0.microsecondsSince1970) }
    }

    func hash(after previous: Hash) -> Hash {
        var hash = SHA256()
        hash.update(data: previous)
        digest.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }

    /// The hash of values that are personal, as `lean.audit_commitment` computes it.
    static func commitment(salt: [UInt8], _ values: [String?]) -> String {
        var bytes = salt
        for value in values { add(value, to: &bytes) }
        return Hex.encode(Array(SHA256.hash(data: bytes)))
    }

    private static func add(_ value: String?, to bytes: inout [UInt8]) {
        add(to: &bytes) { bytes in
            value.map {
                bytes.append(contentsOf: $0.utf8)
                return $0.utf8.count
            }
        }
    }

    /// Adds a value: the length that `append` gives back, and before that what it appends.
    private static func add(
        to bytes: inout [UInt8], _ append: (inout [UInt8]) throws -> Int?
    ) rethrows {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0])
        let length = try append(&bytes).map(Int32.init(clamping:)) ?? -1
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }
}
