import Platform
import Postgres

/// Letters: written in the transaction of what they tell of, sent by a job, once or not at all as far as mail allows.
enum Mailing {
    /// The outbox: a letter waits as a job, which the transaction that caused it has enqueued.
    static let deliverLetter = JobKind<Letter>("mailing.deliver", JobRules.usual.with(\.attempts, 15))

    /// The statement that posts a letter in whatever transaction it is put into.
    static func post(_ letter: Letter, _ services: Services) throws -> SQL {
        try services.jobs.enqueue(deliverLetter, letter)
    }
}

extension Feature {
    /// Letters, and what became of them. Where no mail server is set, in development alone, they can be read at `/inbox`.
    public static func mailing(_ read: inout SettingReader) -> Feature {
        let webhooks = ResendWebhooks(&read)
        return Feature(
            name: "mailing",
            needs: ["core", "jobs"],
            functions: [
                .post(
                    "resend-webhook", .public, "Hear from Resend what became of letters", fails: ProblemKind.webhook,
                    webhooks.receive
                ).uncounted().duringMaintenance()
            ],
            routes: InboxPages(isOpen: read.stage == .development).routes,
            schema: Mailing.schema,
            jobs: [
                Mailing.deliverLetter.job("Sends a letter") { letter, run in
                    try await Mailing.deliver(letter, id: run.id, run.services)
                },
                Mailing.forgetSent,
            ],
            events: [
                .mailSent, .mailRefused, .mailProviderRefused, .mailSuppressed, .mailOverBudget, .mailReported,
                .addressSuppressed,
            ]
        )
    }
}

extension Event {
    static let mailSent = Event("mail.sent", "A letter was handed to the mail server or provider")
    static let mailRefused = Event(
        "mail.refused", "A letter was refused for good: its address is suppressed from now on", at: .error)
    static let mailProviderRefused = Event(
        "mail.provider_refused",
        "The mail server or provider refuses us or our sender: somebody has to look, and the letter is tried again",
        at: .error)
    static let mailSuppressed = Event(
        "mail.suppressed", "A letter was not sent: its address has bounced or complained", at: .notice)
    static let mailOverBudget = Event(
        "mail.over_budget", "A letter was not sent: its address had too many within the hour", at: .warning)
    static let mailReported = Event("mail.reported", "The provider told what became of a letter")
    static let addressSuppressed = Event(
        "mail.address_suppressed",
        "An address bounced for good, or its reader complained: no letter goes there any more",
        at: .notice)
}
