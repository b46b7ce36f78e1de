import Codecs

/// `inet` that names a host. A host with the prefix of its network (`10.1.2.3/8`) is no `IPAddress`: ask for `host(column)`.
extension IPAddress: SQLValue {
    public var sqlParameter: Parameter { .text(description) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        self.init(String(decoding: text, as: UTF8.self))
    }
}

/// `cidr`, and `inet` without bits behind the prefix.
extension IPNetwork: SQLValue {
    public var sqlParameter: Parameter { .text(description) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        self.init(String(decoding: text, as: UTF8.self))
    }
}
