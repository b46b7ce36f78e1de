import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension String: SQLValue {
    public var sqlParameter: Parameter { .text(self) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        self.init(decoding: text, as: UTF8.self)
    }
}

extension Int: SQLValue {
    public var sqlParameter: Parameter { .text(String(self)) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        self.init(String(decoding: text, as: UTF8.self))
    }

    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        switch form {
        case .bigint, .integer, .smallint:
            guard let value = BinaryForm.integer(bytes) else { return nil }
            self.init(value)
        default:
            guard let value = form.withText(bytes, { Int(sqlText: $0) }) else { return nil }
            self = value
        }
    }
}

extension Double: SQLValue {
    public var sqlParameter: Parameter {
        if isNaN { return .text("NaN") }
        if isInfinite { return .text(self < 0 ? "-Infinity" : "Infinity") }
        return .text(description)
    }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        self.init(String(decoding: text, as: UTF8.self))
    }
}

extension Bool: SQLValue {
    public var sqlParameter: Parameter { .text(self ? "t" : "f") }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 1 else { return nil }
        switch text[0] {
        case UInt8(ascii: "t"): self = true
        case UInt8(ascii: "f"): self = false
        default: return nil
        }
    }

    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        if form == .boolean {
            guard bytes.count == 1, bytes[0] <= 1 else { return nil }
            self = bytes[0] == 1
        } else {
            guard let value = form.withText(bytes, { Bool(sqlText: $0) }) else { return nil }
            self = value
        }
    }
}

extension UUID: SQLValue {
    public var sqlParameter: Parameter { .text(UUIDText.format(uuid)) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard let bytes = UUIDText.parse(text) else { return nil }
        self.init(uuid: bytes)
    }

    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        if form == .uuid {
            guard let bytes = UUIDText.bytes(bytes) else { return nil }
            self.init(uuid: bytes)
        } else {
            guard let value = form.withText(bytes, { UUID(sqlText: $0) }) else { return nil }
            self = value
        }
    }
}

/// `json` and `jsonb`. Numbers keep their digits.
extension JSON: SQLValue {
    public var sqlParameter: Parameter { .text(text) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard let value = try? JSON(parsing: text) else { return nil }
        self = value
    }
}

/// `bytea`; its text is in the hex format.
extension [UInt8]: SQLValue {
    public var sqlParameter: Parameter { .bytes(self) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") else { return nil }
        guard let bytes = Hex.decode(String(decoding: text[2...], as: UTF8.self)) else { return nil }
        self = bytes
    }

    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        if form == .bytea {
            self.init(bytes)
        } else {
            guard let value = form.withText(bytes, { [UInt8](sqlText: $0) }) else { return nil }
            self = value
        }
    }
}
