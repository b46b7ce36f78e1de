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
