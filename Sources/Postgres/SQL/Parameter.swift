import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bound value. The server infers its type from where it stands.
public enum Parameter: Sendable, Hashable {
    case null
    /// In PostgreSQL's text format.
    case text(String)
    /// Of `bytea`, sent as they are: as text they are twice as long, and read digit by digit.
    case bytes([UInt8])
    /// Of `uuid[]`, sent in its binary form.
    case uuids([UUID])

    /// In PostgreSQL's text format; nil for null.
    var text: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .bytes(let bytes): "\\x" + Hex.encode(bytes)
        case .uuids(let ids): "{" + ids.map { UUIDText.format($0.uuid) }.joined(separator: ",") + "}"
        }
    }

    /// In PostgreSQL's binary format; nil for what is sent as text.
    var binary: [UInt8]? {
        switch self {
        case .null, .text: nil
        case .bytes(let bytes): bytes
        case .uuids(let ids): Self.array(of: ids)
        }
    }

    /// The form of `array_send`: the dimensions, here one or none, whether there are nulls, the element's type; of each dimension
    /// its length and first index; then each element behind its length.
    private static func array(of ids: [UUID]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 * ids.count + 20)
        func add(_ number: Int32) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
        add(ids.isEmpty ? 0 : 1)
        add(0)
        add(Int32(BinaryForm.uuid.rawValue))
        guard !ids.isEmpty else { return bytes }
        add(Int32(ids.count))
        add(1)
        for id in ids {
            add(16)
            withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

/// What may be interpolated into `SQL`.
public protocol SQLEncodable: Sendable {
    var sqlParameter: Parameter { get }
}

/// What a column can be read as.
public protocol SQLDecodable: Sendable {
    /// The value whose text form (PostgreSQL's output format) is `text`, or nil when it is not one.
    init?(sqlText text: UnsafeBufferPointer<UInt8>)

    /// The value whose binary form is `bytes`, or nil when it is not one. Who does not say how is given the text.
    init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm)
}

extension SQLDecodable {
    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        guard let value = form.withText(bytes, { Self(sqlText: $0) }) else { return nil }
        self = value
    }
}

/// A type that goes both ways.
public typealias SQLValue = SQLEncodable & SQLDecodable
