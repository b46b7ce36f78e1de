import CLibPQ

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
            guard let text = try text(of: column), let value = Value(sqlText: text) else { throw unreadable(column) }
            return value
        }
    }

    /// The column's value, or nil where the database holds null.
    @inlinable
    public subscript<Value: SQLDecodable>(_ column: StaticString) -> Value? {
        get throws {
            guard let text = try text(of: column) else { return nil }
            guard let value = Value(sqlText: text) else { throw unreadable(column) }
            return value
        }
    }

    /// The column's bytes, valid as long as the answer is; nil for null.
    @usableFromInline
    func text(of column: StaticString) throws -> UnsafeBufferPointer<UInt8>? {
        guard let position = result.position(of: column) else { throw unreadable(column) }
        return result.text(row: index, column: position)
    }

    @usableFromInline
    func unreadable(_ column: StaticString) -> DatabaseError {
        .unreadable(column: "\(column)")
    }
}

/// What a statement answered.
///
/// `@unchecked Sendable`: a PGresult is never changed after libpq hands it out, and `text` only reads it; it is cleared
/// once, when the last row that refers to it is gone.
public final class ResultSet: @unchecked Sendable {
    private let result: OpaquePointer
    public let count: Int

    init(taking result: OpaquePointer) {
        self.result = result
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

    func position(of column: StaticString) -> Int32? {
        for position in 0..<PQnfields(result) {
            guard let name = PQfname(result, position) else { continue }
            if strcmp(name, column.utf8Start) == 0 { return position }
        }
        return nil
    }

    /// The field's bytes, valid as long as this object is.
    func text(row: Int32, column: Int32) -> UnsafeBufferPointer<UInt8>? {
        guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else { return nil }
        let length = Int(PQgetlength(result, row, column))
        return UnsafeBufferPointer(start: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self), count: length)
    }
}
