import CLibPQ
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One row of an answer, read by column name into values: `title = try row["title"]`.
public struct Row: Sendable {
    @usableFromInline let result: ResultSet
    @usableFromInline let index: Int32

    /// The column's value. Throws `DatabaseError.unreadable` for an unknown column, an unexpected null or another type.
    @inlinable
    public subscript<Value: SQLDecodable>(_ column: StaticString) -> Value {
        get throws {
            guard let value: Value = try field(of: column)?.value() else { throw unreadable(column) }
            return value
        }
    }

    /// The column's value, or nil where the database holds null.
    @inlinable
    public subscript<Value: SQLDecodable>(_ column: StaticString) -> Value? {
        get throws {
            guard let field = try field(of: column) else { return nil }
            guard let value: Value = field.value() else { throw unreadable(column) }
            return value
        }
    }

    /// Appends the column's text as PostgreSQL writes it, in UTF-8: for who has no other use of it than its bytes.
    ///
    /// - Returns: how many bytes it has; nil for null.
    public func append(_ column: StaticString, to bytes: inout [UInt8]) throws -> Int? {
        guard let field = try field(of: column) else { return nil }
        let before = bytes.count
        guard field.withText({ bytes.append(contentsOf: $0) }) != nil else { throw unreadable(column) }
        return bytes.count - before
    }

    /// The column's bytes, valid as long as the answer is; nil for null.
    @usableFromInline
    func field(of column: StaticString) throws -> Field? {
        guard let position = result.position(of: column) else { throw unreadable(column) }
        return result.field(row: index, column: position)
    }

    @usableFromInline
    func unreadable(_ column: StaticString) -> DatabaseError {
        .unreadable(column: "\(column)")
    }
}

/// What a statement answered.
///
/// `@unchecked Sendable`: a PGresult is never changed after libpq hands it out, and `field` only reads it; it is cleared
/// once, when the last row that refers to it is gone. `likely` is atomic, and any value of it is right.
public final class ResultSet: @unchecked Sendable {
    private let result: OpaquePointer
    /// Where the column is looked for first: behind the one that was found last, since most answers are read in order.
    private let likely = Atomic<Int32>(0)
    public let count: Int
    let isBinary: Bool

    /// - Parameter isBinary: whether the fields were asked for in their binary forms.
    init(taking result: OpaquePointer, isBinary: Bool = false) {
        self.result = result
        self.isBinary = isBinary
        count = Int(PQntuples(result))
    }

    deinit {
        PQclear(result)
    }

    /// Rows inserted, updated, deleted or selected.
    public var affected: Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    public subscript(_ index: Int) -> Row {
        precondition(index >= 0 && index < count, "a row that the answer has")
        return Row(result: self, index: Int32(index))
    }

    @inlinable
    public func map<Value>(_ make: (Row) throws -> Value) rethrows -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count { values.append(try make(self[index])) }
        return values
    }

    /// Whether the types of all columns are ones that are read in their binary forms.
    var mayBeBinary: Bool {
        (0..<PQnfields(result)).allSatisfy { BinaryForm(rawValue: PQftype(result, $0)) != nil }
    }

    /// The place of the column, from 0; nil: the answer has none of that name. No two that are asked for have the same.
    func position(of column: StaticString) -> Int32? {
        let count = PQnfields(result)
        let first = likely.load(ordering: .relaxed)
        for step in 0..<count {
            let position = first + step < count ? first + step : first + step - count
            guard has(column, at: position) else { continue }
            assert((0..<count).allSatisfy { $0 == position || !has(column, at: $0) }, "two columns named \(column)")
            likely.store(position + 1 < count ? position + 1 : 0, ordering: .relaxed)
            return position
        }
        return nil
    }

    private func has(_ column: StaticString, at position: Int32) -> Bool {
        let wanted = UnsafeRawPointer(column.utf8Start).assumingMemoryBound(to: CChar.self)
        // The first letter tells most names apart.
        guard let name = PQfname(result, position), name.pointee == wanted.pointee else { return false }
        return strcmp(name, wanted) == 0
    }

    /// The field's bytes, valid as long as this object is.
    func field(row: Int32, column: Int32) -> Field? {
        guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else { return nil }
        let start = UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self)
        let bytes = UnsafeBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        return Field(bytes: bytes, form: isBinary ? BinaryForm(rawValue: PQftype(result, column)) : nil)
    }
}
