import Threads

/// A standby that reads may go to while it is proven to be current.
///
/// The proof needs no clock of the server's and no privilege: the primary is asked where its log ends, and when the standby
/// has replayed so far it holds all that was committed before the question was asked. That stays true of its past; so for
/// `maximumLag` after the question, what it answers is at most that old.
package final class Replica: Sendable {
    private let pool: Pool
    private let maximumLag: Duration
    private let provenUntil = Locked<ContinuousClock.Instant?>(nil)
    private let served = Locked(0)

    package init(_ settings: DatabaseSettings, maximumLag: Duration) {
        var settings = settings
        // The primary is there for whoever would wait longer.
        settings.connectionTimeout = min(settings.connectionTimeout, .seconds(1))
        pool = Pool(settings: settings)
        self.maximumLag = maximumLag
    }

    /// Whether what it answers now is at most `maximumLag` old.
    package var isCurrent: Bool {
        provenUntil.withLock { until in until.map { $0 > .now } ?? false }
    }

    /// Batches that it has answered.
    package var reads: Int { served.withLock { $0 } }

    /// Proves it anew, four times in `maximumLag`, until the task is cancelled.
    package func run(behind primary: Database) async {
        let standby = Database(pool: pool)
        while !Task.isCancelled {
            do {
                try await prove(standby, behind: primary)
            } catch {
                // Not proven: reads go to the primary, which tells of its own failures.
                provenUntil.withLock { $0 = nil }
            }
            do { try await Task.sleep(for: maximumLag / 4) } catch { break }
        }
        await pool.close()
    }

    private func prove(_ standby: Database, behind primary: Database) async throws {
        let asked = ContinuousClock.now
        let end: String = try await primary.one("select pg_current_wal_insert_lsn()::text as lsn") { try $0["lsn"] }
        while ContinuousClock.now < asked + maximumLag {
            let isThere: Bool = try await standby.one(
                "select pg_is_in_recovery() and coalesce(pg_last_wal_replay_lsn() >= \(end)::pg_lsn, false) as is_there"
            ) { try $0["is_there"] }
            if isThere {
                provenUntil.withLock { $0 = asked + maximumLag }
                return
            }
            try await Task.sleep(for: maximumLag / 50)
        }
    }

    /// The standby's answer; nil when the primary is to be asked: it knows better, or the standby is away.
    func run(_ batch: Batch) async throws -> [ResultSet]? {
        guard isCurrent else { return nil }
        do {
            let results = try await pool.run(batch)
            served.withLock { $0 += 1 }
            return results
        } catch DatabaseError.server(let error) where !error.isFinalOnStandby {
            return nil
        } catch DatabaseError.connectionLost, DatabaseError.unavailable {
            provenUntil.withLock { $0 = nil }
            return nil
        }
    }
}

extension ServerError {
    /// What the primary would say too. A session or a table that the standby does not know yet, rights that were just given,
    /// replay that cancelled a query: there the primary decides.
    fileprivate var isFinalOnStandby: Bool {
        state.errorClass == "22" || state == .queryCanceled
    }
}

extension Database {
    /// The same for reads alone: `replica` answers while it is current and `isAllowed`, otherwise the primary, also in
    /// place of a replica that fails. A `transaction` runs on the primary. Writing is refused either way.
    package func reading(from replica: Replica, if isAllowed: @escaping @Sendable () -> Bool) -> Database {
        var database = self
        database.replica = (replica, isAllowed)
        return database
    }
}
