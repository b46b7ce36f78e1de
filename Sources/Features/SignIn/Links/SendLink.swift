import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// The job behind every letter with a link: finds the person, writes the hashes down, and sends the letter. Run again
    /// under the same id it makes the same token.
    func sendLink(_ request: LinkRequest, id: String, _ services: Services) async throws {
        let token = OneTimeToken(for: id, isPKCE: request.challenge != nil, linkKeys)
        let letter = try await services.platform.transaction { transaction in
            try await prepare(request, id: id, token, transaction, services)
        }
        guard let letter else { return }
        try await Mailing.deliver(letter, id: id, services)
    }

    /// Nil when there is nothing to send: nobody has the address, or the letter's purpose is fulfilled.
    private func prepare(
        _ request: LinkRequest, id: String, _ token: OneTimeToken, _ transaction: Transaction, _ services: Services
    ) async throws -> Letter? {
        let now = services.clock.now()
        var found = try await recipient(request, transaction)
        if found == nil, request.makesAccount {
            found = try await makeAccount(request, transaction, now)
        }
        if let found, found.address?.hasSuffix(NewAccount.standInDomain) == true {
            return try await takeAway(found.id, request, transaction, services)
        }
        guard let found, found.mayReceive(request.purpose, at: now) else { return nil }
        if request.purpose == .unlock, try await hasLink(found.id, transaction, now) { return nil }
        let recipient = request.purpose == .emailChange ? found.newAddress : found.address
        guard let recipient, !recipient.isEmpty else { return nil }
        for statement in storing(token, of: found.id, recipient, request, id: id, now) {
            try await transaction.run(statement)
        }
        let language = Language(rawValue: request.language) ?? .english
        return Letter(
            request.purpose.letter, to: recipient, in: language,
            [
                "link": link(token, request), "code": token.code,
                "minutes": String(Int(settings.linkLife / .seconds(60))), "address": found.newAddress ?? "",
            ])
    }

    /// Whether a link to sign in with went to the person a while ago: who tries passwords on their account must neither fill their
    /// mailbox nor keep on taking the worth from the link that they are about to follow.
    private func hasLink(_ person: ID<Person>, _ transaction: Transaction, _ now: Date) async throws -> Bool {
        let since = now.addingTimeInterval(-Self.unlockPause.inSeconds)
        return try await transaction.one(
            """
            select exists (
                select from auth.one_time_tokens
                where user_id = \(person) and token_type = 'recovery_token' and expires_at > \(now)
                    and created_at > \(since)::timestamptz at time zone 'utc'
            ) as has_link
            """
        ) { try $0["has_link"] }
    }

    /// Between two letters to one person that strangers can cause by wrong passwords.
    private static let unlockPause: Duration = .seconds(900)

    /// Somebody signed up with an address that has an account: on the page nobody was told, the address's owner is.
    private func takeAway(
        _ standIn: ID<Person>, _ request: LinkRequest, _ transaction: Transaction, _ services: Services
    ) async throws -> Letter? {
        try await transaction.run("delete from auth.users where id = \(standIn)")
        let language = Language(rawValue: request.language) ?? .english
        try await transaction.run(
            Mailing.post(Letter(.accountExists, to: request.address, in: language), services))
        return nil
    }

    /// The page that asks to go on: a GET consumes nothing, since scanners follow links.
    func link(_ token: OneTimeToken, _ request: LinkRequest) -> String {
        "\(settings.apiURL)/auth/v1/verify?token=\(token.token)&type=\(request.purpose.verificationType)"
            + "&redirect_to=\(QueryString.encode(request.redirect))"
    }

    struct Recipient: Sendable {
        let id: ID<Person>
        let address: String?
        let newAddress: String?
        let isConfirmed: Bool
        let bannedUntil: Date?

        func mayReceive(_ purpose: LinkPurpose, at now: Date) -> Bool {
            if let bannedUntil, bannedUntil > now { return false }
            switch purpose {
            case .signup: return !isConfirmed
            case .emailChange, .emailChangeCurrent: return !(newAddress ?? "").isEmpty
            default: return true
            }
        }
    }

    private func recipient(_ request: LinkRequest, _ transaction: Transaction) async throws -> Recipient? {
        let person = request.person.flatMap { ID<Person>($0) }
        // The address of a change is the new one, which the account does not have yet.
        let condition: SQL =
            if let person {
                "id = \(person)"
            } else if request.purpose == .emailChange {
                "email_change = \(request.address)"
            } else {
                "email = \(request.address) and is_sso_user = false"
            }
        return try await transaction.first(
            """
            select id, email, email_change, email_confirmed_at is not null as is_confirmed, banned_until
            from auth.users where \(condition) and deleted_at is null
            limit 1 for update
            """
        ) { row in
            Recipient(
                id: try row["id"], address: try row["email"], newAddress: try row["email_change"],
                isConfirmed: try row["is_confirmed"], bannedUntil: try row["banned_until"])
        }
    }

    /// An account without a password, for somebody who signs in by links.
    private func makeAccount(
        _ request: LinkRequest, _ transaction: Transaction, _ now: Date
    ) async throws -> Recipient? {
        let metadata = try request.metadata.map { try JSON(parsing: Array($0.utf8)).object ?? [:] }
        let account = NewAccount(
            email: try EmailAddress(request.address), hash: nil, metadata: metadata ?? [:], now: now, isConfirmed: false
        )
        for statement in account.statements { try await transaction.run(statement) }
        return Recipient(
            id: account.id, address: request.address, newAddress: nil, isConfirmed: false, bannedUntil: nil)
    }
}
