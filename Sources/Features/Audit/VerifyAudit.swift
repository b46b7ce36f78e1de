import Codecs
import Platform
import Postgres

/// What `leansaas audit verify` finds.
public struct AuditReport: Sendable {
    public internal(set) var sealed = 0
    public internal(set) var unsealed = 0
    /// Rows whose personal values were erased.
    public internal(set) var erased = 0
    public internal(set) var head: AuditHead?
    /// Everything that is wrong, at most 100 of each kind.
    public internal(set) var faults: [String] = []
    /// What could not be looked at, though nothing that was is wrong.
    public internal(set) var doubts: [String] = []
    /// Whether some head is signed, by whatever key.
    public internal(set) var isSigned = false

    public var isWhole: Bool { faults.isEmpty && doubts.isEmpty }
}

/// Looks at every sealed row, its place in the chain and what the server's key says of it.
///
/// What stands in the database alone cannot show that its end was cut off, by somebody who cut off the heads too: for that it
/// takes a head that was kept elsewhere.
public struct AuditVerification: Sendable {
    private static let perPage = 5_000
    private static let most = 100

    private let transaction: Transaction
    private let keyRing: KeyRing
    private let exported: AuditHead?
    private var report = AuditReport()
    private var last = AuditHead.origin
    private var newestAttested = 0
    /// The newest head that another key signed, and that key's name.
    private var foreign: (sequence: Int, key: String)?

    /// What was sealed together.
    private struct Batch: Sendable {
        let first: Int
        let last: Int
        let hashes: [UInt8]
        let mac: String?

        /// That of a row, by its place from 0; nil: there is none.
        func hash(_ place: Int) -> SealedRow.Hash? {
            let start = 32 * place
            return start >= 0 && start + 32 <= hashes.count ? Array(hashes[start..<start + 32]) : nil
        }
    }

    private struct Link: Sendable {
        /// The last number of its batch.
        let batch: Int
        /// Its place there, from 0.
        let place: Int
        let id: String
        let row: SealedRow?
        /// The hash that stands for what is personal, as hex; nil: nothing is.
        let commitment: String?
        let values: Personal?
    }

    private struct Personal: Sendable {
        let salt: [UInt8]
        let values: [String?]
    }

    private init(_ transaction: Transaction, _ keyRing: KeyRing, _ exported: AuditHead?) {
        self.transaction = transaction
        self.keyRing = keyRing
        self.exported = exported
    }

    /// All of it as it stood at one moment: what is sealed meanwhile is another time's.
    ///
    /// - Parameter exported: a head that was told before, and kept where nobody of this database writes.
    public static func run(_ services: Services, exported: AuditHead? = nil) async throws -> AuditReport {
        try await services.events.flush(on: services.platform, log: services.log)
        return try await services.platform.transaction(isolation: .repeatableRead) { transaction in
            // It reads everything, and takes as long as that takes.
            try await transaction.run("select set_config('statement_timeout', '0', true)")
            var verification = AuditVerification(transaction, services.keyRing, exported)
            while try await verification.readPage() {}
            try await verification.close()
            return verification.report
        }
    }

    private mutating func fault(_ text: String) {
        if report.faults.count < Self.most { report.faults.append(text) }
    }

    /// False after the last page: one of as many whole batches as begin among so many rows.
    private mutating func readPage() async throws -> Bool {
        let page: SQL = """
            next as (
                select * from lean.audit_batches where last > \(last.sequence) order by last limit \(Self.perPage)
            ), page as (
                select * from next where first < (select min(first) from next) + \(Self.perPage)
            )
            """
        let batches = try await transaction.all(
            "with \(page) select first, last, hashes, mac from page order by last"
        ) { row in
            Batch(first: try row["first"], last: try row["last"], hashes: try row["hashes"], mac: try row["mac"])
        }
        var links = try await transaction.all(
            """
            with \(page)
            select b.last as batch, i.place - 1 as place, i.id as audit_id, \(SealedRow.columns),
                p.salt, p.address, p.agent, p.email
            from page b
            cross join unnest(b.ids) with ordinality as i (id, place)
            left join public.audit_logs a on a.id = i.id
            left join lean.audit_personal p on p.audit_id = i.id
            order by b.last, i.place
            """, Self.link
        )[...]
        for batch in batches {
            let own = links.prefix { $0.batch == batch.last }
            links = links.dropFirst(own.count)
            look(at: batch, own)
        }
        return !batches.isEmpty
    }

    private static func link(_ row: Row) throws -> Link {
        let id: String? = try row["id"]
        let salt: [UInt8]? = try row["salt"]
        return Link(
            batch: try row["batch"], place: try row["place"], id: try row["audit_id"],
            row: try id.map { _ in try SealedRow(row) }, commitment: try row["personal"],
            values: try salt.map {
                Personal(salt: $0, values: [try row["address"], try row["agent"], try row["email"]])
            })
    }

    private mutating func look(at batch: Batch, _ links: ArraySlice<Link>) {
        // No constraint holds whoever owns the table.
        guard batch.first > 0, batch.last >= batch.first, batch.last < Int.max else {
            fault("the seals \(batch.first) to \(batch.last) were changed: there are no such numbers")
            last = AuditHead(sequence: max(batch.last, last.sequence), hash: last.hash)
            return
        }
        let isNext = batch.first == last.sequence + 1
        if batch.first > last.sequence + 1 {
            fault("the seals \(last.sequence + 1) to \(batch.first - 1) were removed")
        } else if batch.first <= last.sequence {
            fault("the seals \(batch.first) to \(last.sequence) stand there twice")
        }
        if links.count != batch.last - batch.first + 1 || batch.hashes.count != 32 * links.count {
            fault("the seals \(batch.first) to \(batch.last) were changed: they are not as many")
        }
        for link in links { look(at: link, batch, isChained: isNext || link.place > 0) }
        // Also where its own numbers are wrong: the next page begins behind it.
        last = AuditHead(sequence: batch.last, hash: last.hash)
        lookAtMAC(batch)
    }

    /// - Parameter isChained: whether the one before it is known.
    private mutating func look(at link: Link, _ batch: Batch, isChained: Bool) {
        let sequence = batch.first + link.place
        let seal = batch.hash(link.place) ?? SealedRow.origin
        if let row = link.row {
            if isChained, row.hash(after: last.hash) != seal {
                fault("row \(link.id), number \(sequence), was changed, or the seal before it")
            }
            lookAtPersonal(link)
        } else {
            fault("row \(link.id), number \(sequence), was removed")
        }
        report.sealed += 1
        last = AuditHead(sequence: sequence, hash: seal)
        if let exported, exported.sequence == sequence, exported.hash != seal {
            fault("number \(sequence) is not what the head that was kept says: the chain was written anew")
        }
    }

    private mutating func lookAtPersonal(_ link: Link) {
        switch (link.commitment, link.values) {
        case (nil, nil): break
        case (.some, nil): report.erased += 1
        case (nil, .some): fault("row \(link.id) was given personal values")
        case (let commitment?, let values?):
            if SealedRow.commitment(salt: values.salt, values.values) != commitment {
                fault("the personal values of row \(link.id) were changed")
            }
        }
    }

    /// A head that no key of ours knows any more proves nothing; the next one does it for both.
    private mutating func lookAtMAC(_ batch: Batch) {
        guard let mac = batch.mac else { return }
        report.isSigned = true
        do {
            try keyRing.verify(mac, of: last.attested)
            newestAttested = last.sequence
        } catch .noKey {
            return
        } catch .unknownKey {
            foreign = (last.sequence, mac.split(separator: ".").dropFirst().first.map { String($0.prefix(8)) } ?? "")
        } catch {
            fault("the head \(last.sequence) was not made by this installation")
        }
    }

    /// What the key says of the end. That it is another's alone changes nothing, and proves nothing.
    private mutating func lookAtEnd() {
        if keyRing.isEmpty {
            if report.isSigned { report.doubts.append("signatures were not checked: ENCRYPTION_KEY is not set") }
        } else if newestAttested < last.sequence {
            let rows = "the rows from \(newestAttested + 1) on"
            guard let foreign, foreign.sequence == last.sequence else {
                return fault("no head that the key attests covers \(rows)")
            }
            report.doubts.append(
                """
                \(rows) are signed by another key (\(foreign.key)): is this the ENCRYPTION_KEY that the server seals with? \
                Else somebody wrote them anew
                """)
        }
    }

    private mutating func close() async throws {
        lookAtEnd()
        if let exported, exported.sequence > last.sequence {
            fault(
                "the chain ends at \(last.sequence), and the head that was kept is \(exported.sequence): its end was cut off"
            )
        }
        let strays: [String] = try await transaction.all(
            """
            select a.id::text as id from public.audit_logs a
            left join (select unnest(ids) as id from lean.audit_batches) b on b.id = a.id
            where b.id is null and not exists (select 1 from lean.audit_unsealed u where u.audit_id = a.id)
            order by a.created_at limit \(Self.most)
            """
        ) { try $0["id"] }
        for stray in strays {
            fault("row \(stray) is in no seal and waits for none: it was inserted, or its seal removed")
        }
        report.unsealed = try await transaction.one("select count(*) as rows from lean.audit_unsealed") {
            try $0["rows"]
        }
        report.head = last.sequence == 0 ? nil : last
    }
}
