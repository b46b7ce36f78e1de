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

    public var isWhole: Bool { faults.isEmpty }
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
    /// Those of the page, the first last.
    private var heads: [Head] = []
    private var newestAttested = 0

    private struct Head: Sendable {
        let head: AuditHead
        let mac: String?
    }

    private struct Link: Sendable {
        let seal: AuditHead
        let id: String
        let row: SealedRow?
        let values: Personal?
    }

    private struct Personal: Sendable {
        let salt: String
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
            var verification = AuditVerification(transaction, services.keyRing, exported)
            while try await verification.readPage() {}
            try await verification.close()
            return verification.report
        }
    }

    private mutating func fault(_ text: String) {
        if report.faults.count < Self.most { report.faults.append(text) }
    }

    /// False after the last page.
    private mutating func readPage() async throws -> Bool {
        let links = try await transaction.all(
            """
            select s.sequence, encode(s.hash, 'hex') as hash, s.audit_id::text as audit_id, \(SealedRow.columns),
                encode(p.salt, 'hex') as salt, p.address, p.agent, p.email
            from lean.audit_seals s
            left join public.audit_logs a on a.id = s.audit_id
            left join lean.audit_personal p on p.audit_id = s.audit_id
            where s.sequence > \(last.sequence)
            order by s.sequence
            limit \(Self.perPage)
            """, Self.link)
        guard let end = links.last?.seal.sequence else { return false }
        heads = try await transaction.all(
            """
            select sequence, encode(hash, 'hex') as hash, mac from lean.audit_heads
            where sequence > \(last.sequence) and sequence <= \(end)
            order by sequence desc
            """
        ) { row in Head(head: try AuditHead(row), mac: try row["mac"]) }
        for link in links { look(at: link) }
        return links.count == Self.perPage
    }

    private static func link(_ row: Row) throws -> Link {
        let id: String? = try row["id"]
        let salt: String? = try row["salt"]
        return Link(
            seal: try AuditHead(row), id: try row["audit_id"], row: try id.map { _ in try SealedRow(row) },
            values: try salt.map {
                Personal(salt: $0, values: [try row["address"], try row["agent"], try row["email"]])
            })
    }

    private mutating func look(at link: Link) {
        let sequence = link.seal.sequence
        if sequence != last.sequence + 1 {
            fault("the seals \(last.sequence + 1) to \(sequence - 1) were removed")
        } else if let row = link.row {
            if row.hash(after: last.hash) != link.seal.hash {
                fault("row \(link.id), number \(sequence), was changed, or the seal before it")
            }
        } else {
            fault("row \(link.id), number \(sequence), was removed")
        }
        if let row = link.row { lookAtPersonal(row, link.values) }
        report.sealed += 1
        last = link.seal
        lookAtHead()
        if let exported, exported.sequence == sequence, exported.hash != link.seal.hash {
            fault("number \(sequence) is not what the head that was kept says: the chain was written anew")
        }
    }

    private mutating func lookAtPersonal(_ row: SealedRow, _ values: Personal?) {
        switch (row.personal, values) {
        case (nil, nil): break
        case (.some, nil): report.erased += 1
        case (nil, .some): fault("row \(row.id) was given personal values")
        case (let commitment?, let values?):
            guard let salt = Hex.decode(values.salt),
                SealedRow.commitment(salt: salt, values.values) == commitment
            else { return fault("the personal values of row \(row.id) were changed") }
        }
    }

    /// A head that no key of ours knows any more proves nothing; the next one does it for both.
    private mutating func lookAtHead() {
        while let next = heads.last, next.head.sequence <= last.sequence {
            heads.removeLast()
            guard next.head == last else {
                fault("the head \(next.head.sequence) says another hash than the chain")
                continue
            }
            guard let mac = next.mac else { continue }
            do {
                try keyRing.verify(mac, of: next.head.attested)
                newestAttested = next.head.sequence
            } catch .unknownKey, .noKey {
                continue
            } catch {
                fault("the head \(next.head.sequence) was not made by this installation")
            }
        }
    }

    private mutating func close() async throws {
        let beyond: [Int] = try await transaction.all(
            """
            select sequence from lean.audit_heads where sequence > \(last.sequence) order by sequence limit \(Self.most)
            """
        ) { try $0["sequence"] }
        for head in beyond { fault("the rows up to \(head) were cut off: their head stands") }
        if newestAttested < last.sequence, !keyRing.isEmpty {
            fault("no head that the key attests covers the rows from \(newestAttested + 1) on")
        }
        if let exported, exported.sequence > last.sequence {
            fault(
                "the chain ends at \(last.sequence), and the head that was kept is \(exported.sequence): its end was cut off"
            )
        }
        let strays: [String] = try await transaction.all(
            """
            select a.id::text as id from public.audit_logs a
            where not exists (select 1 from lean.audit_seals s where s.audit_id = a.id)
                and not exists (select 1 from lean.audit_unsealed u where u.audit_id = a.id)
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
