/// A bound value in PostgreSQL's text format. The server infers its type from where it stands.
public enum Parameter: Sendable, Hashable {
    case null
    case text(String)
}

/// What may be interpolated into `SQL`.
public protocol SQLEncodable: Sendable {
    var sqlParameter: Parameter { get }
}

/// What a column can be read as.
public protocol SQLDecodable: Sendable {
    /// The value whose text form (PostgreSQL's output format) is `text`, or nil when it is not one.
    init?(sqlText text: UnsafeBufferPointer<UInt8>)
}

/// A type that goes both ways.
public typealias SQLValue = SQLEncodable & SQLDecodable
