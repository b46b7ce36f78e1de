import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Mailing {
    /// Letters of one kind of occasion to one address within an hour; those beyond are not sent, and their askers are not told: they
    /// may be strangers, who must not keep away by theirs what an account's owner has to hear, or needs to come back in.
    static let mostPerHour = 20

    /// Sends the letter and writes down what became of it. Asked again under the same id it does nothing once the letter was
    /// sent.
    ///
    /// - Parameter standing: what was found when it was written.
    /// - Throws: `JobFailure` when it is to be tried again, or never.
    static func deliver(
        _ letter: Letter, id: String, _ services: Services, standing: Standing? = nil
    ) async throws {
        let mail = services.mail
        guard mail.isOn, let text = mail.letters.text(of: letter), let topic = mail.letters.topic(of: letter) else {
            return
        }
        var found = standing
        if found == nil { found = try await services.platform.one(asking(of: letter, id: id, services), Standing.init) }
        switch found ?? .free {
        case .done: return
        case .suppressed: return try await note(.suppressed, letter, id, services)
        case .overBudget: return try await note(.overBudget, letter, id, services)
        case .free: break
        }
        let template = mail.templates[topic].map { id in
            ProviderTemplate(
                id: id,
                variables: letter.variables.merging(["subject": text.subject, "text": text.text]) { own, _ in own })
        }
        let message = MailMessage(
            id: id, from: mail.from, recipient: letter.recipient, subject: text.subject, text: text.text,
            html: text.html,
            template: template)
        guard let transport = mail.transport else { return try await keep(message, letter, services) }
        try await send(message, letter, transport, services)
    }

    private static func send(
        _ message: MailMessage, _ letter: Letter, _ transport: any MailTransport, _ services: Services
    ) async throws {
        do throws(MailFailure) {
            let providerID = try await transport.send(message)
            try await noteSafely(.sent, letter, message.id, providerID, services)
        } catch {
            switch error.kind {
            case .passing: throw JobFailure.later(error.retryAfter ?? .zero, error.reason)
            case .badRecipient:
                try await suppress(letter.recipient, "refused", services)
                try await note(.refused, letter, message.id, services)
            case .refused:
                services.events.emit(
                    .mailProviderRefused, ["kind": letter.kind, "letter": message.id, "reason": error.reason],
                    log: services.log)
                // The letter is good: what is refused is mended by an operator, within the attempts' hours we hope.
                throw JobFailure.later(.seconds(60), error.reason)
            }
        }
    }

    /// The letter is out: that it cannot be written down must not send it again.
    private static func noteSafely(
        _ outcome: Outcome, _ letter: Letter, _ id: String, _ providerID: String?, _ services: Services
    ) async throws(MailFailure) {
        do {
            try await note(outcome, letter, id, providerID: providerID, services)
        } catch {
            services.log.warning(
                "a sent letter is not written down", metadata: ["letter": "\(id)", "cause": "\(error)"])
        }
    }

    /// Whether a letter may go out.
    enum Standing: Sendable {
        case done, suppressed, overBudget, free

        fileprivate init(_ row: Row) throws {
            if try row["is_done"] {
                self = .done
            } else if try row["is_suppressed"] {
                self = .suppressed
            } else {
                self = try row["is_over"] ? .overBudget : .free
            }
        }
    }

    private static func asking(of letter: Letter, id: String, _ services: Services) -> SQL {
        let since = services.clock.now().addingTimeInterval(-3_600)
        let kinds = SQLArray(services.mail.letters.kinds(like: letter))
        return """
            select exists (select 1 from lean.mails where id = \(id)) as is_done,
                exists (select 1 from lean.mail_suppressions where address = \(letter.recipient)) as is_suppressed,
                (select count(*) from (
                    select 1 from lean.mails
                    where recipient = \(letter.recipient) and at > \(since) and outcome = 'sent'
                        and kind = any(\(kinds)::text[])
                    limit \(mostPerHour)) sent) >= \(mostPerHour) as is_over
            """
    }

    /// Asked before what the letter carries is written down, and told to `deliver` then: a letter whose link is not good must not go
    /// out, nor a link be good that did not.
    static func standing(
        of letter: Letter, id: String, _ transaction: Transaction, _ services: Services
    ) async throws -> Standing {
        try await transaction.one(asking(of: letter, id: id, services), Standing.init)
    }
}
