import Postgres

/// Who keeps what happened: at most one feature of a product says how.
public struct Auditor: Sendable {
    /// The statement that keeps the rows, a JSON array of what `Occurrence.json` makes, in whatever transaction it is put into;
    /// under the platform's role.
    let record: @Sendable (String) -> SQL

    /// - Parameter record: given the rows as the text of a JSON array.
    public init(record: @escaping @Sendable (String) -> SQL) {
        self.record = record
    }
}
