extension Database {
    /// Deletes what may be much in slices, each a transaction of its own: none runs into the deadline of a statement, holds others
    /// up for long, or is undone when a later one fails.
    ///
    /// - Parameters:
    ///   - table: its name alone; `condition` may name its columns.
    ///   - size: rows of a slice at most.
    public func deleteInSlices(from table: SQL, where condition: SQL, of size: Int = 10_000) async throws {
        // The condition once more: a row that somebody changes meanwhile is asked again, and by its place alone it would go.
        let slice: SQL = """
            delete from \(table)
            where ctid = any(array(select ctid from \(table) where \(condition) limit \(size))) and (\(condition))
            """
        while try await run(slice) >= size { try Task.checkCancellation() }
    }
}
