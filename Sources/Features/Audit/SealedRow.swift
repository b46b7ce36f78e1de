import Codecs
import Crypto
import Postgres

/// A row of the audit log as the chain sees it: the bytes that its hash is made of.
///
/// Each value is its length in bytes as a big-endian 32-bit integer, -1 for none, and its UTF-8, in the order of `columns`; a row's
/// hash is SHA-256 of the hash before it, of 32 zeros for the first, and of SHA-256 of those bytes.
struct SealedRow: Sendable {
    let id: String
    /// As `columns` gives them.
    private let values: [String?]
    /// The hash that stands for what is personal, as hex; nil: nothing is.
    let personal: String?

    typealias Hash = [UInt8]
    static let origin = Hash(repeating: 0, count: 32)

    /// Of `audit_logs a`. Times are microseconds since 1970.
    static let columns: SQL = """
        a.id::text as id, (extract(epoch from a.created_at) * 1000000)::int8::text as created_at, a.event_type,
        a.event_action, a.event_category, a.event_result, a.event_message, a.event_data::text as event_data,
        a.is_security::text as is_security, a.actor_type, a.actor_id::text as actor_id,
        a.organization_id::text as organization_id, a.session_id::text as session_id, a.target_type, a.target_id,
        a.request_id, a.module_name, a.function_name, encode(a.personal, 'hex') as personal
        """

    init(_ row: Row) throws {
        id = try row["id"]
        personal = try row["personal"]
        values = [
            id, try row["created_at"], try row["event_type"], try row["event_action"], try row["event_category"],
            try row["event_result"], try row["event_message"], try row["event_data"], try row["is_security"],
            try row["actor_type"], try row["actor_id"], try row["organization_id"], try row["session_id"],
            try row["target_type"], try row["target_id"], try row["request_id"], try row["module_name"],
            try row["function_name"], personal,
        ]
    }

    func hash(after previous: Hash) -> Hash {
        let own = SHA256.hash(data: Self.bytes(of: values))
        return Array(SHA256.hash(data: previous + Array(own)))
    }

    /// The hash of values that are personal, as `lean.audit_commitment` computes it.
    static func commitment(salt: [UInt8], _ values: [String?]) -> String {
        Hex.encode(Array(SHA256.hash(data: salt + bytes(of: values))))
    }

    private static func bytes(of values: [String?]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        for value in values {
            let length = value.map { Int32(clamping: $0.utf8.count) } ?? -1
            withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
            if let value { bytes.append(contentsOf: value.utf8) }
        }
        return bytes
    }
}
