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
        let prepared = try await services.platform.transaction { transaction in
            try await prepare(request, id: id, token, transaction, services)
        }
        guard let (letter, standing) = prepared else { return }
        try await Mailing.deliver(letter, id: id, services, standing: standing)
    }

    /// Nil when there is nothing to send: nobody has the address, or the letter's purpose is fulfilled.
    private func prepare(
        _ request: LinkRequest, id: String, _ token: OneTimeToken, _ transaction: Transaction, _ services: Services
    ) async throws -> (Letter, Mailing.Standing)? {
        let now = services.clock.now()
        if request.purpose == .emailChange, request.person == nil {
            try await askAgain(request, transaction, services)
            return nil
        }
        var found = try await recipient(request, transaction)
        if found == nil, request.makesAccount {
            found = try await makeAccount(request, transaction, now)
        }
        if let found, found.address == NewAccount.standIn(for: found.id) {
            try await takeAway(found.id, request, transaction, services)
            return nil
        }
        guard let found, found.mayReceive(request.purpose, at: now) else { return nil }
        if request.purpose == .unlock, try await hasLink(found.id, but: token, transaction, now) { return nil }
        let isChange = request.purpose == .emailChange || request.purpose == .emailChangeCurrent
        let recipient = request.purpose == .emailChange ? found.newAddress : found.address
        guard let recipient, !recipient.isEmpty else { return nil }
        // They wish for another by now, whose letters are on their way.
        guard !isChange || recipient == request.address else { return nil }
        let language = found.language ?? Language(rawValue: request.language) ?? .english
        let letter = Letter(
            request.purpose.letter, to: recipient, in: language,
            [
                "link": link(token, request, isConfirmed: found.isConfirmed), "code": token.code,
                "minutes": String(Int(settings.linkLife / .seconds(60))), "address": found.newAddress ?? "",
            ])
        // What is not sent must not be good: nor must it take the worth from what was.
        let standing = try await Mailing.standing(of: letter, id: id, transaction, services)
        guard standing == .free else { return (letter, standing) }
        for statement in storing(token, of: found.id, recipient, request, id: id, now) {
            try await transaction.run(statement)
        }
        return (letter, standing)
    }

    /// Whether a link to sign in with went to the person a while ago: who tries passwords on their account must neither fill their
    /// mailbox nor keep on taking the worth from the link that they are about to follow.
    ///
    /// - Parameter own: of this very letter, when it is tried again.
    private func hasLink(
        _ person: ID<Person>, but own: OneTimeToken, _ transaction: Transaction, _ now: Date
    ) async throws -> Bool {
        let since = now.addingTimeInterval(-Self.unlockPause.inSeconds)
        return try await transaction.one(
            """
            select exists (
                select from auth.one_time_tokens
                where user_id = \(person) and token_type = 'recovery_token' and expires_at > \(now)
                    and token_hash <> \(OneTimeToken.hash(of: own.token))
                    and created_at > \(since)::timestamptz at time zone 'utc'
            ) as has_link
            """
        ) { try $0["has_link"] }
    }

    /// Between two letters to one person that strangers can cause by wrong passwords.
    private static let unlockPause: Duration = .seconds(900)

    /// The page that asks to go on: a GET consumes nothing, since scanners follow links. Whoever follows one for the first time is
    /// somebody new to the front end, whatever the letter was for, as with GoTrue.
    func link(_ token: OneTimeToken, _ request: LinkRequest, isConfirmed: Bool) -> String {
        let isNew = request.purpose == .magiclink && !isConfirmed
        let type = isNew ? LinkPurpose.signup.verificationType : request.purpose.verificationType
        return "\(settings.apiURL)/auth/v1/verify?token=\(token.token)&type=\(type)"
            + "&redirect_to=\(QueryString.encode(request.redirect))"
    }

    struct Recipient: Sendable {
        let id: ID<Person>
        let address: String?
        let newAddress: String?
        let isConfirmed: Bool
        let bannedUntil: Date?
        /// Whose word a change of address has.
        let agreed: AddressChange.Agreed
        /// What their metadata names, if it does.
        let language: Language?

        init(_ row: Row) throws {
            id = try row["id"]
            address = try row["email"]
            newAddress = try row["email_change"]
            isConfirmed = try row["is_confirmed"]
            bannedUntil = try row["banned_until"]
            agreed = AddressChange.Agreed(rawValue: try row["agreed"]) ?? .nobody
            language = SignIn.language(in: try row["metadata"])
        }

        /// Somebody who has just been made.
        init(_ account: NewAccount) {
            id = account.id
            address = account.email.text
            (newAddress, isConfirmed, bannedUntil, agreed) = (nil, false, nil, .nobody)
            language = SignIn.language(in: .object(account.metadata))
        }

        static func select(where condition: SQL) -> SQL {
            """
            select id, email, email_change, email_confirmed_at is not null as is_confirmed, banned_until,
                coalesce(raw_user_meta_data, '{}') as metadata,
                coalesce(email_change_confirm_status, 0)::int4 as agreed
            from auth.users where \(condition) and deleted_at is null
            for update
            """
        }

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
        let condition: SQL =
            if let person { "id = \(person)" } else { "email = \(request.address) and is_sso_user = false" }
        return try await transaction.first(Recipient.select(where: condition), Recipient.init)
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
        return Recipient(account)
    }
}
