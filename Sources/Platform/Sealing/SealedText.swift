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

/// A column that holds sealed values, and how they are sealed anew when ENCRYPTION_KEY has changed.
public struct SealedColumn: Sendable {
    /// `lean.signing_keys.private_key`.
    public let name: String
    let stale: @Sendable (_ newest: String) -> SQL
    let replace: @Sendable (_ row: String, _ old: SealedText, _ new: SealedText) -> SQL

    /// - Parameters:
    ///   - stale: at most 100 rows, as `row` and `sealed`, whose text does not begin with the prefix.
    ///   - replace: writes the new text where the old one still stands, so that a change in between is not undone.
    public init(
        _ name: String, stale: @escaping @Sendable (_ newest: String) -> SQL,
        replace: @escaping @Sendable (_ row: String, _ old: SealedText, _ new: SealedText) -> SQL
    ) {
        self.name = name
        self.stale = stale
        self.replace = replace
    }

    /// Seals all that is sealed under an earlier key anew, a hundred rows at a time. It may be stopped and run again.
    ///
    /// - Returns: how many were sealed.
    /// - Throws: `SealRefusal` for a value that no key opens: it is left as it is.
    package func reseal(with ring: KeyRing, on database: Database) async throws -> Int {
        guard let newest = ring.newestPrefix else { throw SealRefusal.noKey }
        var count = 0
        while true {
            let rows = try await database.all(stale(newest)) { row -> (row: String, sealed: SealedText) in
                (try row["row"], try row["sealed"])
            }
            var changed = 0
            for (row, old) in rows {
                let place = SealedPlace(name, row: row)
                let new = try ring.seal(ring.open(old, for: place), for: place)
                changed += try await database.run(replace(row, old, new))
            }
            count += changed
            // When others change the same rows, they seal under the newest key themselves.
            if rows.count < 100 || changed == 0 { return count }
        }
    }
}
