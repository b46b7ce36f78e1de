import Postgres

/// A sealed value as it stands in a column: `v1.<key>.<base64url of nonce, ciphertext and tag>`.
public struct SealedText: Sendable, SQLValue, CustomStringConvertible {
    let text: String

    init(text: String) {
        self.text = text
    }

    public init?(sqlText: UnsafeBufferPointer<UInt8>) {
        text = String(decoding: sqlText, as: UTF8.self)
    }

    public var sqlParameter: Parameter { .text(text) }

    /// It could be printed; it is of no use to anybody who reads it.
    public var description: String { "<sealed>" }
}
