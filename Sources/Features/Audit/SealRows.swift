import Codecs
import Platform
import Postgres

extension Audit {
    /// Which nobody else locks: of all nodes one seals at a time.
    private static let lock = 0x6C65_616E_6175_6469

    /// The list is short, and new all the time: what PostgreSQL knows of it is always wrong, and it would rather read the whole log
    /// than look up a few hundred rows of it. So there is one way to do it, and no cause to plan it each time.
    static let begin: SQL = """
        select pg_try_advisory_xact_lock(\(lock)) as is_mine, set_config('enable_seqscan', 'off', true),
            set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
            set_config('plan_cache_mode', 'force_generic_plan', true)
        """

    /// By their places in the table: the sealed of the last minutes still stand there until PostgreSQL clears them away.
    static let take: SQL = """
        with taken as (
            delete from lean.audit_unsealed
            where ctid = any(array(select ctid from lean.audit_unsealed order by position limit \(Sealer.perSealing)))
            returning position, audit_id
        )
        select \(SealedRow.columns)
        from taken t
        join public.audit_logs a on a.id = t.audit_id
        order by t.position
        """

    /// - Returns: where the chain stands then.
    static func append(
        _ rows: [SealedRow], after head: AuditHead, _ transaction: Transaction, _ services: Services
    ) async throws -> AuditHead {
        var hash = head.hash
        var hashes: [UInt8] = []
        hashes.reserveCapacity(rows.count * 32)
        for row in rows {
            hash = row.hash(after: hash)
            hashes += hash
        }
        let newest = AuditHead(sequence: head.sequence + rows.count, hash: hash)
        try await transaction.run(
            """
            insert into lean.audit_batches (first, last, ids, hashes, mac, at)
            values (\(head.sequence + 1), \(newest.sequence), \(SQLArray(rows.map(\.id)))::uuid[], \(hashes),
                \(services.keyRing.attest(newest.attested)), \(services.clock.now()))
            """)
        return newest
    }
}

extension Audit {
    /// Rows that wait to be sealed, and how long the oldest has: what is done to them before that goes unnoticed.
    static func unsealed(_ database: Database) async throws -> (rows: Int, seconds: Double) {
        try await database.one(
            """
            select count(*) as rows, coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as seconds
            from lean.audit_unsealed
            """
        ) { row in (try row["rows"], try row["seconds"]) }
    }

    static func samples(_ services: Services) async throws -> [Metrics.Sample] {
        let unsealed = try await unsealed(services.platform)
        return [
            Metrics.Sample("leansaas_audit_unsealed", Double(unsealed.rows)),
            Metrics.Sample("leansaas_audit_unsealed_seconds", unsealed.seconds),
        ]
    }

    /// Tells while nothing is sealed because of what was done to the chain, or while rows wait far longer than they should.
    static func check(_ sealer: Sealer, _ services: Services) async throws {
        if let fault = sealer.fault { throw fault }
        let unsealed = try await unsealed(services.platform)
        if unsealed.seconds > 60 { throw SealingLate(seconds: Int(unsealed.seconds)) }
    }
}

/// Nobody seals.
private struct SealingLate: Error, CustomStringConvertible {
    let seconds: Int
    var description: String { "what happened \(seconds) s ago is not sealed" }
}
