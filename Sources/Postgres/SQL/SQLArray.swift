#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A one-dimensional PostgreSQL array, as `text[]`, `uuid[]`, `bigint[]`. Elements may be null only as `SQLArray<T?>`'s
/// absence: an array that holds null is refused, since no column of ours allows one.
public struct SQLArray<Element: SQLValue>: SQLValue {
    public let elements: [Element]

    public init(_ elements: [Element]) {
        self.elements = elements
    }

    public var sqlParameter: Parameter {
        // By the type, since an array of none is one of any.
        if Element.self == UUID.self, let ids = elements as? [UUID] { return .uuids(ids) }
        let quoted = elements.map { element in
            element.sqlParameter.text.map { Self.isPlain($0) ? $0 : Self.quoted($0) } ?? "NULL"
        }
        return .text("{" + quoted.joined(separator: ",") + "}")
    }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard let items = Self.items(text) else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(items.count)
        for item in items {
            guard let element = item.withUnsafeBufferPointer({ Element(sqlText: $0) }) else { return nil }
            elements.append(element)
        }
        self.elements = elements
    }

    /// Whether it needs no quotes: digits, and what UUIDs and hashes have beside them.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    /// The raw texts between the braces. Nil for null elements, nested arrays and malformed text.
    private static func items(_ text: UnsafeBufferPointer<UInt8>) -> [[UInt8]]? {
        guard text.count >= 2, text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else { return nil }
        guard text.count > 2 else { return [] }
        var items: [[UInt8]] = []
        var current: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        var position = 1
        while position < text.count - 1 {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\\"):
                guard position < text.count - 1 else { return nil }
                current.append(text[position])
                position += 1
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                wasQuoted = true
            case UInt8(ascii: "{") where !isQuoted:
                return nil
            case UInt8(ascii: ",") where !isQuoted:
                guard wasQuoted || !isNull(current) else { return nil }
                items.append(current)
                current = []
                wasQuoted = false
            default:
                current.append(byte)
            }
        }
        guard !isQuoted, wasQuoted || !isNull(current) else { return nil }
        return items + [current]
    }

    private static func isNull(_ item: [UInt8]) -> Bool {
        item.elementsEqual("NULL".utf8)
    }
}
