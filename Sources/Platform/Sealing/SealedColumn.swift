import Postgres

/// A column that holds sealed values, and how they are sealed anew when ENCRYPTION_KEY has changed.
public struct SealedColumn: Sendable {
    /// `lean.signing_keys.private_key`.
    public let name: String
    let stale: @Sendable (_ newest: String, _ last: String) -> SQL
    let replace: @Sendable (_ row: String, _ old: SealedText, _ new: SealedText) -> SQL

    /// - Parameters:
    ///   - stale: at most 100 rows, as `row` and `sealed`, whose text does not begin with the prefix, and whose key comes after
    ///     the last one; in the order of their keys. The key before all is the empty text.
    ///   - replace: writes the new text where the old one still stands, so that a change in between is not undone.
    public init(
        _ name: String, stale: @escaping @Sendable (_ newest: String, _ last: String) -> SQL,
        replace: @escaping @Sendable (_ row: String, _ old: SealedText, _ new: SealedText) -> SQL
    ) {
        self.name = name
        self.stale = stale
        self.replace = replace
    }

    /// Seals all that is sealed under an earlier key anew, a hundred rows at a time. It may be stopped and run again.
    ///
    /// A value that no key opens stays as it is, and does not keep the others from being sealed.
    ///
    /// - Throws: `SealRefusal.noKey`; `DatabaseError`.
    package func reseal(with ring: KeyRing, on database: Database) async throws -> Resealing {
        guard let newest = ring.newestPrefix else { throw SealRefusal.noKey }
        var done = Resealing()
        // A row that somebody changes at the same moment is met again by the next round: most seal under the newest key, and
        // who does not has not been told of it yet.
        for _ in 0..<Self.rounds {
            done.refused = []
            done.changing = 0
            try await round(newest, ring, database, &done)
            if done.changing == 0 { break }
        }
        return done
    }

    private static let rounds = 8

    private func round(_ newest: String, _ ring: KeyRing, _ database: Database, _ done: inout Resealing) async throws {
        var last = ""
        while true {
            let rows = try await database.all(stale(newest, last)) { row -> (key: String, sealed: SealedText) in
                (try row["row"], try row["sealed"])
            }
            for row in rows {
                let place = SealedPlace(name, row: row.key)
                do {
                    let new = try ring.seal(ring.open(row.sealed, for: place), for: place)
                    let changed = try await database.run(replace(row.key, row.sealed, new))
                    done.count += changed
                    if changed == 0 { done.changing += 1 }
                } catch let refusal as SealRefusal {
                    done.refused.append(.init(row: row.key, refusal: refusal))
                }
            }
            guard rows.count == 100, let end = rows.last else { return }
            precondition(end.key != last, "a page ends after the one before")
            last = end.key
        }
    }
}

/// What became of a column's values.
package struct Resealing: Sendable {
    package struct Refused: Sendable {
        /// The row's key. Never its value.
        package let row: String
        package let refusal: SealRefusal
    }

    /// Sealed anew.
    package var count = 0
    /// Could not be opened, and stand as they stood.
    package var refused: [Refused] = []
    /// Were changed by somebody else in each round, and may still be sealed under an earlier key.
    package var changing = 0

    package var isWhole: Bool { refused.isEmpty && changing == 0 }
}
