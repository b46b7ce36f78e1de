import Threads

/// A standby that reads may go to while it is proven to be current.
///
/// The proof needs no clock of the server's and no privilege: the primary is asked where its log ends, and when the standby
/// has replayed so far, on the same timeline, it holds all that was committed before the question was asked. That stays true
/// of its past; so for `maximumLag` after the question, what it answers is at most that old.
///
/// After a failover a standby may still follow the server that was the primary: as far in the log, and another history. Which
/// timeline it follows is told by its WAL receiver to roles of pg_read_all_stats, to others by its control file, which learns
/// of a new timeline at the next restart point: until then reads go to the primary.
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
        // A segment's name begins with its timeline, in eight hexadecimal digits.
        let (end, timeline): (String, String) = try await primary.one(
            """
            select lsn::text as lsn, left(pg_walfile_name(lsn), 8) as timeline
            from pg_current_wal_insert_lsn() as lsn
            """
        ) { (try $0["lsn"], try $0["timeline"]) }
        while ContinuousClock.now < asked + maximumLag {
            let isThere: Bool = try await standby.one(
                """
                select pg_is_in_recovery() and coalesce(
                    pg_last_wal_replay_lsn() >= \(end)::pg_lsn
                    and upper(lpad(to_hex(coalesce(receiver.received_tli, control.min_recovery_end_timeline)), 8, '0'))
                        = \(timeline),
                    false) as is_there
                from pg_control_recovery() as control left join pg_stat_wal_receiver as receiver on true
                """
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
    /// place of a replica that fails. A `transaction` runs on the primary. Writing is refused in any case, by SQLSTATE 25006,
    /// also without a replica: what works in development must not fail where there is one.
    package func reading(from replica: Replica?, if isAllowed: @escaping @Sendable () -> Bool) -> Database {
        var database = self
        database.isReading = true
        database.replica = replica.map { ($0, isAllowed) }
        return database
    }
}
