import Codecs
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An identifier that knows what it identifies: `ID<Note>` and `ID<Person>` do not mix. Printed in lower case.
public struct ID<Owner>: Hashable, Sendable, SQLValue, CustomStringConvertible {
    public let uuid: UUID

    public init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// A new random one.
    public init() {
        uuid = UUID()
    }

    /// Nil unless `text` is a UUID in its usual form, in either case.
    public init?(_ text: some StringProtocol) {
        guard let bytes = UUIDText.parse(text) else { return nil }
        uuid = UUID(uuid: bytes)
    }

    @inlinable
    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard let uuid = UUID(sqlText: text) else { return nil }
        self.uuid = uuid
    }

    @inlinable
    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        guard let uuid = UUID(sqlBinary: bytes, form) else { return nil }
        self.uuid = uuid
    }

    public var text: String { UUIDText.format(uuid.uuid) }
    public var description: String { text }
    public var sqlParameter: Parameter { .text(text) }
}
