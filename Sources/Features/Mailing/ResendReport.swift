import Codecs
import Platform
import Postgres

/// What Resend tells of a letter. Source: resend.com/docs/webhooks (event types), and its page on bounces: types are Permanent,
/// Transient and Undetermined, and only the first says that an address will never take a letter.
struct ResendReport: Sendable {
    /// Svix' id: a telling that is repeated has the same.
    let id: String
    /// `email.delivered`
    let kind: String
    /// Resend's id of the letter.
    let letter: String?
    /// Why nothing goes to `recipients` any more; nil: it may.
    let reason: String?
    /// In lower case, none twice, in their order, so that two webhooks never wait for each other.
    let recipients: [String]

    /// Most recipients of one letter, by Resend's own limit.
    private static let mostRecipients = 50

    /// - Returns: nil for what is no letter's: contacts, domains, and what is to come.
    /// - Throws: `Problem`, 400, for a body that is no event.
    init?(_ body: [UInt8], id: String) throws(Problem) {
        let event: JSON
        do {
            event = try JSON(parsing: body)
        } catch {
            throw Problem(.badJSON, cause: error)
        }
        guard let kind = event["type"]?.string, Self.isPlain(kind, 100), let data = event["data"]?.object else {
            throw Problem(.invalidInput, fields: [FieldProblem("type", "is required")])
        }
        guard kind.hasPrefix("email.") else { return nil }
        self.id = id
        self.kind = kind
        letter = data["email_id"]?.string.flatMap { Self.isPlain($0, 100) ? $0 : nil }
        reason = Self.reason(kind, data)
        let addresses = (data["to"]?.array ?? []).prefix(Self.mostRecipients).compactMap(\.string)
        recipients = Set(addresses.filter { Self.isPlain($0, 254) && $0.contains("@") }.map { $0.lowercased() })
            .sorted()
    }

    /// Short enough to be kept, and nothing that PostgreSQL's text cannot hold.
    private static func isPlain(_ text: String, _ mostBytes: Int) -> Bool {
        text.utf8.count <= mostBytes && !text.utf8.contains(0)
    }

    private static func reason(_ kind: String, _ data: JSONObject) -> String? {
        switch kind {
        case "email.complained": "complaint"
        case "email.bounced" where data["bounce"]?["type"]?.string == "Permanent": "bounce"
        default: nil
        }
    }

    static let example: JSON = [
        "type": "email.bounced", "created_at": "2026-03-01T09:30:00.000Z",
        "data": [
            "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "created_at": "2026-03-01T09:29:58.000Z",
            "from": "Product <hello@example.com>", "to": ["nobody@example.com"], "subject": "Confirm your address",
            "bounce": ["type": "Permanent", "subType": "General", "message": "The mailbox does not exist."],
        ],
    ]
}

extension Mailing {
    /// What a report has done.
    struct Noted: Sendable {
        /// False: it was known.
        let isNew: Bool
        let suppressed: Int
    }

    /// Writes the report down and does what follows from it: one statement, so that neither is without the other. Whatever the order
    /// in which reports come, the same stands in the end: a complaint weighs more than a bounce, and an operator's word stays.
    static func note(_ report: ResendReport, _ services: Services) async throws -> Noted {
        let suppressed = report.reason == nil ? [] : report.recipients
        let now = services.clock.now()
        return try await services.platform.one(
            """
            with report as (
                insert into lean.mail_reports (id, kind, provider_id, at)
                values (\(report.id), \(report.kind), \(report.letter), \(now))
                on conflict (id) do nothing
                returning id
            ), suppressed as (
                insert into lean.mail_suppressions as s (address, reason, at)
                select a.address, \(report.reason ?? "")::text, \(now)
                from report cross join unnest(\(SQLArray(suppressed))::text[]) with ordinality as a (address, place)
                order by a.place
                on conflict (address) do update set reason = excluded.reason
                where excluded.reason = 'complaint' and s.reason in ('bounce', 'refused')
                    or excluded.reason = 'bounce' and s.reason = 'refused'
                returning 1
            )
            select exists (select from report) as is_new, (select count(*) from suppressed)::int4 as suppressed
            """
        ) { Noted(isNew: try $0["is_new"], suppressed: try $0["suppressed"]) }
    }
}
