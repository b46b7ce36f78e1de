import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    struct LinkOrder: RequestInput {
        let type: String
        let email: String
        let newEmail: String?
        let password: String?
        let metadata: JSONObject?
        let redirect: String?

        static let types = ["signup", "invite", "magiclink", "recovery", "email_change_current", "email_change_new"]

        static let input = Input<LinkOrder>(
            Field.choice("type", types, "What the link is for.").example("magiclink"),
            .text("email", 1...254, "Whose; for `signup` and `invite` an account is made."),
            Field.optionalText("new_email", upTo: 254, "For a change of address.").withoutExample,
            Field.optionalText("password", 0...1_000, "For `signup`.").withoutExample,
            .object("data", maxBytes: 16_384, "A new account's own metadata."),
            Field.optionalText("redirect_to", upTo: 2_000, "Where the link ends.").withoutExample.alsoInQuery,
            make: LinkOrder.init(type:email:newEmail:password:metadata:redirect:)
        )
    }

    /// A link and its code for who sends their own letters: nothing is sent.
    func generateLink(_ call: Call<Administrator, LinkOrder>) async throws -> GeneratedLink {
        let order = call.input
        let email = try EmailAddress(order.email)
        let newEmail = try order.newEmail.map { try EmailAddress($0) }
        let owner = PasswordOwner(addresses: [email.text], metadata: [order.metadata])
        let hash: PasswordHash? =
            if order.type == "signup", let password = order.password, !password.isEmpty {
                try await passwords.hash(passwordRule.admit(password, for: owner, call.services))
            } else { nil }
        let redirect = settings.redirects.target(order.redirect, of: call.request)
        let id = ID<OneTimeToken>().text
        let token = OneTimeToken(for: id, isPKCE: false, linkKeys)
        let wanted = try purpose(order, newEmail)
        let (user, request) = try await call.platform.transaction { transaction in
            let (person, isMade) = try await account(order, email, hash, transaction, call.now)
            if let newEmail, order.type.hasPrefix("email_change") {
                try await wish(for: newEmail, of: person, email, transaction, call.now)
            }
            let request = LinkRequest(
                purpose: isMade && wanted == .magiclink ? .signup : wanted, address: email.text,
                language: Language.english.rawValue, redirect: redirect)
            let recipient = request.purpose == .emailChange ? newEmail?.text ?? "" : email.text
            for statement in storing(token, of: person, recipient, request, id: id, call.now) {
                try await transaction.run(statement)
            }
            try await transaction.run(administering(person, "generate_link", call))
            let user = try await transaction.one(
                "select \(User.columns) from auth.users u where u.id = \(person)", User.init)
            return (user, request)
        }
        await forget(user.id, call.services)
        return GeneratedLink(
            user: user, link: link(token, request, isConfirmed: true), token: token, redirect: redirect,
            type: request.purpose == wanted ? order.type : request.purpose.rawValue)
    }

    private func purpose(_ order: LinkOrder, _ newEmail: EmailAddress?) throws -> LinkPurpose {
        if order.type.hasPrefix("email_change"), newEmail == nil {
            throw Problem(.validationFailed, "new_email is needed for a change of address")
        }
        if order.type == "email_change_current", !settings.asksBothAddresses {
            throw Problem(.validationFailed, "Enable secure email change to generate link for current email")
        }
        return switch order.type {
        case "email_change_current": .emailChangeCurrent
        case "email_change_new": .emailChange
        default: LinkPurpose(rawValue: order.type) ?? .magiclink
        }
    }

    private func wish(
        for new: EmailAddress, of person: ID<Person>, _ email: EmailAddress, _ transaction: Transaction, _ now: Date
    ) async throws {
        let isTaken = try await transaction.one(
            """
            select exists (
                select from auth.users where email = \(new.text) and is_sso_user = false and id <> \(person)
            ) as is_taken
            """
        ) { try $0["is_taken"] as Bool }
        guard !isTaken else { throw Problem(.emailExists) }
        for statement in wishing(for: new.text, current: email.text, of: person, now) {
            try await transaction.run(statement)
        }
    }

    /// The account that has the address; for `signup`, `invite` and `magiclink` a new one where nobody has it.
    ///
    /// One that nobody has confirmed yet may be a stranger's doing: what its password is, and what was sent to it before, counts no
    /// longer once an operator sends for its owner.
    private func account(
        _ order: LinkOrder, _ email: EmailAddress, _ hash: PasswordHash?, _ transaction: Transaction, _ now: Date
    ) async throws -> (ID<Person>, isMade: Bool) {
        let confirms = order.type == "signup" || order.type == "invite"
        let known: (ID<Person>, Bool)? = try await transaction.first(
            """
            select id, email_confirmed_at is not null as is_confirmed from auth.users
            where email = \(email.text) and is_sso_user = false and deleted_at is null for update
            """
        ) { (try $0["id"], try $0["is_confirmed"]) }
        if let (person, isConfirmed) = known {
            guard confirms else { return (person, false) }
            guard !isConfirmed else { throw Problem(.emailExists) }
            let change: SQL = """
                update auth.users u set encrypted_password = \(hash?.text), updated_at = \(now),
                    raw_user_meta_data = case when \(NewAccount.isSignedUp) then '{}'
                        else coalesce(u.raw_user_meta_data, '{}') end || \(JSON.object(order.metadata ?? [:]))::jsonb
                where u.id = \(person)
                """
            for statement in [change] + Self.endingLinks(of: person) { try await transaction.run(statement) }
            return (person, false)
        }
        guard confirms || order.type == "magiclink" else { throw Problem(.userNotFound) }
        guard order.type != "signup" || hash != nil else {
            throw Problem(.validationFailed, "Signup requires a valid password")
        }
        let account = NewAccount(
            email: email, hash: hash, metadata: order.metadata ?? [:], now: now, isConfirmed: false)
        for statement in account.statements { try await transaction.run(statement) }
        return (account.id, true)
    }

    struct Invitation: RequestInput {
        let email: String
        let metadata: JSONObject?
        let redirect: String?

        static let input = Input<Invitation>(
            Field.text("email", 1...254, "Who is invited.").example("grace@example.com"),
            .object("data", maxBytes: 16_384, "The new account's own metadata."),
            Field.optionalText("redirect_to", upTo: 2_000, "Where the letter's link ends.").withoutExample.inQuery,
            make: Invitation.init(email:metadata:redirect:)
        )
    }

    /// Makes an account without a password, and sends a letter that signs in to it.
    func invite(_ call: Call<Administrator, Invitation>) async throws -> User {
        guard call.services.mail.isOn else { throw Problem(.emailDisabled) }
        let email = try EmailAddress(call.input.email)
        let order = LinkOrder(
            type: "invite", email: email.text, newEmail: nil, password: nil, metadata: call.input.metadata,
            redirect: nil)
        let language = Self.language(of: call.input.metadata.map(JSON.object), call.request)
        let user = try await call.platform.transaction { transaction in
            let (person, _) = try await account(order, email, nil, transaction, call.now)
            try await transaction.run(
                post(
                    LinkRequest(
                        purpose: .invite, address: email.text, person: person.text, language: language.rawValue,
                        redirect: settings.redirects.target(call.input.redirect, of: call.request)), call.services))
            try await transaction.run(administering(person, "invite", call))
            return try await transaction.one(
                "select \(User.columns) from auth.users u where u.id = \(person)", User.init)
        }
        await forget(user.id, call.services)
        return user
    }
}

/// GoTrue's answer to `generate_link`: the person, and beside their members what a letter of one's own needs.
struct GeneratedLink: Answerable {
    let user: User
    let link: String
    let token: OneTimeToken
    let redirect: String
    let type: String

    static var success: Success? { .json(memberType) }

    static var memberType: MemberType {
        .record(
            "GeneratedLink",
            User.members + [
                ("action_link", .string.example("https://api.example.com/auth/v1/verify?token=…&type=magiclink")),
                ("email_otp", .string.example("123456")), ("hashed_token", .string.example("Zr7hX0o2mB3lq9Yd5uTnWw")),
                ("redirect_to", .string.example("https://example.com")),
                ("verification_type", .string.example("magiclink")),
            ])
    }

    var answer: Answer {
        var object = user.json
        object["action_link"] = .string(link)
        object["email_otp"] = .string(token.code)
        object["hashed_token"] = .string(token.token)
        object["redirect_to"] = .string(redirect)
        object["verification_type"] = .string(type)
        return Answer(JSON.object(object))
    }
}
