import Platform

/// Resend's webhooks, which tell what became of letters after they were handed over.
struct ResendWebhooks: Sendable {
    let keys: [WebhookKey]

    init(_ read: inout SettingReader) {
        read.group("Mail")
        let secrets = read.secrets(
            "RESEND_WEBHOOK_SECRET", need: .optional,
            "What Resend signs its webhooks with, `whsec_…`: they go to API_URL/functions/v1/mailing_resend-webhook. With commas "
                + "while it is being changed.")
        let keys = secrets.map { WebhookKey(svix: $0) }
        if keys.contains(where: { $0 == nil }) {
            read.problem(
                "RESEND_WEBHOOK_SECRET", "is no `whsec_…`", fix: "Copy the signing secret from Resend's webhook page.")
        }
        if keys.isEmpty, read.isSet("RESEND_API_KEY") {
            read.advice(
                "RESEND_WEBHOOK_SECRET", "is not set: letters go on to addresses that Resend says bounce or complain.")
        }
        self.keys = keys.compactMap { $0 }
    }

    /// Most bytes of a webhook: Resend's have a few hundred.
    static let mostBytes = 262_144

    struct Delivery: RequestInput {
        let body: [UInt8]

        static let input = Input<Delivery>(
            RawBody(
                mostBytes: mostBytes, example: ResendReport.example,
                "Resend's event as it was signed, with the headers svix-id, svix-timestamp and svix-signature."),
            make: Delivery.init(body:))
    }

    struct Receipt: Output {
        static let shape = Shape<Receipt>("WebhookReceipt", [Member("received") { _ in true }.example(true)])
    }

    /// Believes nothing before the signature over the raw body is seen to be good. The same webhook again, however often and from
    /// however many sides at once, does nothing more; one that is unknown does nothing.
    func receive(_ call: Call<Visitor, Delivery>) async throws -> Receipt {
        let webhook = try SvixWebhook(call.request.headers)
        try webhook.signature.check(call.input.body, under: keys, at: call.now)
        guard let report = try ResendReport(call.input.body, id: webhook.id) else { return Receipt() }
        let outcome = try await Mailing.note(report, call.services)
        guard outcome.isNew else { return Receipt() }
        call.emit(.mailReported, ["kind": report.kind, "report": report.id])
        if outcome.suppressed > 0 { call.emit(.addressSuppressed, ["kind": report.kind, "report": report.id]) }
        return Receipt()
    }
}
