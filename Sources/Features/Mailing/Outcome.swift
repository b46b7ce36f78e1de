import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Mailing {
    /// What became of a letter.
    enum Outcome: String, Sendable {
        case sent, refused, suppressed
        case overBudget = "over_budget"

        var event: Event {
            switch self {
            case .sent: .mailSent
            case .refused: .mailRefused
            case .suppressed: .mailSuppressed
            case .overBudget: .mailOverBudget
            }
        }
    }

    static func note(
        _ outcome: Outcome, _ letter: Letter, _ id: String, providerID: String? = nil, _ services: Services
    ) async throws {
        let transport = services.mail.transport?.name ?? "inbox"
        try await services.platform.run(
            """
            insert into lean.mails (id, kind, recipient, outcome, transport, provider_id, at)
            values (
                \(id), \(letter.kind), \(letter.recipient), \(outcome.rawValue), \(transport), \(providerID),
                \(services.clock.now()))
            on conflict (id) do nothing
            """)
        services.events.emit(outcome.event, ["kind": letter.kind, "letter": id], log: services.log)
    }

    /// No letter goes to the address any more, until an operator takes it off.
    static func suppress(_ address: String, _ reason: String, _ services: Services) async throws {
        try await services.platform.run(
            """
            insert into lean.mail_suppressions (address, reason, at)
            values (\(address.lowercased()), \(reason), \(services.clock.now()))
            on conflict (address) do nothing
            """)
    }

    /// Into the inbox page of a developer's machine.
    static func keep(_ message: MailMessage, _ letter: Letter, _ services: Services) async throws {
        try await services.platform.run(
            """
            insert into lean.inbox (id, recipient, subject, text, html, at)
            values (
                \(message.id), \(message.recipient), \(message.subject), \(message.text), \(message.html),
                \(services.clock.now()))
            on conflict (id) do nothing
            """)
        try await note(.sent, letter, message.id, services)
    }
}
