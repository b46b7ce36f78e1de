import Codecs

/// A type whose values are taken in PostgreSQL's binary format: making their text costs the server more than finding the
/// rows, and reading it costs us again. Statements with a column of another type are answered in text.
///
/// The raw values are the types' fixed OIDs (PostgreSQL's pg_type.dat); the forms are those of their `typsend` functions, in
/// network byte order.
public enum BinaryForm: UInt32, Sendable {
    case boolean = 16
    case bytea = 17
    case name = 19
    case bigint = 20
    case smallint = 21
    case integer = 23
    case text = 25
    case json = 114
    case bpchar = 1_042
    case varchar = 1_043
    case timestamptz = 1_184
    case uuid = 2_950
    /// A byte that says 1, and its text.
    case jsonb = 3_802

    /// Calls `read` with what PostgreSQL would have written as text: for types that read only that. Nil when `bytes` are not of
    /// this form, and for times before the year 1 and infinite ones.
    func withText<Value>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ read: (UnsafeBufferPointer<UInt8>) -> Value?
    ) -> Value? {
        switch self {
        case .name, .text, .json, .bpchar, .varchar:
            return read(bytes)
        case .jsonb:
            return Self.jsonText(bytes).flatMap(read)
        case .boolean:
            return Bool(sqlBinary: bytes, self).flatMap { Self.read($0 ? "t" : "f", read) }
        case .bigint, .integer, .smallint:
            return Self.integer(bytes).flatMap { Self.read(String($0), read) }
        case .bytea:
            return Self.read("\\x" + Hex.encode(Array(bytes)), read)
        case .uuid:
            return UUIDText.bytes(bytes).flatMap { uuid in
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: UUIDText.length) { text in
                    read(UnsafeBufferPointer(rebasing: text[..<UUIDText.write(uuid, to: text)]))
                }
            }
        case .timestamptz:
            return CivilTime(binary: bytes).flatMap { Self.read($0.postgresText, read) }
        }
    }

    private static func read<Value>(_ text: String, _ read: (UnsafeBufferPointer<UInt8>) -> Value?) -> Value? {
        var text = text
        return text.withUTF8(read)
    }

    /// The text of `jsonb`'s form; nil for a version that is not known.
    static func jsonText(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        bytes.first == 1 ? UnsafeBufferPointer(rebasing: bytes.dropFirst()) : nil
    }

    /// A whole number of two, four or eight bytes.
    @usableFromInline
    static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        let raw = UnsafeRawBufferPointer(bytes)
        switch bytes.count {
        case 2: return Int64(Int16(bigEndian: raw.loadUnaligned(as: Int16.self)))
        case 4: return Int64(Int32(bigEndian: raw.loadUnaligned(as: Int32.self)))
        case 8: return Int64(bigEndian: raw.loadUnaligned(as: Int64.self))
        default: return nil
        }
    }
}

/// One field of an answer as it came: its binary form where `form` says so, else PostgreSQL's text.
@usableFromInline
struct Field {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline let form: BinaryForm?

    @usableFromInline
    init(bytes: UnsafeBufferPointer<UInt8>, form: BinaryForm?) {
        self.bytes = bytes
        self.form = form
    }

    @inlinable
    func value<Value: SQLDecodable>() -> Value? {
        guard let form else { return Value(sqlText: bytes) }
        return Value(sqlBinary: bytes, form)
    }

    /// Calls `read` with PostgreSQL's text of it; nil when the bytes are not of their form.
    func withText<Value>(_ read: (UnsafeBufferPointer<UInt8>) -> Value?) -> Value? {
        guard let form else { return read(bytes) }
        return form.withText(bytes, read)
    }
}
