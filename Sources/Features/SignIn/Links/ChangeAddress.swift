import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A person's wish for another address.
struct AddressChange: Sendable {
    let person: ID<Person>
    /// Nil: there is none, so that nobody but the new one's reader is to agree.
    let current: String?
    let new: String
    let language: String
    let redirect: String
    let challenge: CodeChallenge?

    /// Who has agreed: `auth.users.email_change_confirm_status`, in which GoTrue only counts. Two links of one address are not
    /// two that agree.
    enum Agreed: Int, Sendable {
        case nobody = 0
        case new = 1
        case current = 2

        /// Whose link it was.
        init(tokenType: String) { self = tokenType == LinkPurpose.emailChange.tokenType ? .new : .current }

        var other: Agreed { self == .new ? .current : .new }
    }
}

extension SignIn {
    /// What asks both addresses, or the new one alone where there is no old one or one is enough.
    func asking(_ change: AddressChange, _ now: Date, _ services: Services) throws -> [SQL] {
        wishing(for: change.new, current: change.current, of: change.person, now)
            + (try letters(change, but: settings.agreed(byNobodyAt: change.current), services))
    }

    /// - Parameter agreed: who need not be asked.
    func letters(_ change: AddressChange, but agreed: AddressChange.Agreed, _ services: Services) throws -> [SQL] {
        func letter(_ purpose: LinkPurpose, to address: String) throws -> SQL {
            try post(
                LinkRequest(
                    purpose: purpose, address: address, person: change.person.text, language: change.language,
                    redirect: change.redirect, challenge: change.challenge), services)
        }
        var letters: [SQL] = []
        if agreed != .new { letters.append(try letter(.emailChange, to: change.new)) }
        if agreed != .current, let current = change.current {
            letters.append(try letter(.emailChangeCurrent, to: current))
        }
        return letters
    }

    /// Writes the wish down. What was asked for another address is asked no longer.
    func wishing(for address: String, current: String?, of person: ID<Person>, _ now: Date) -> [SQL] {
        [
            """
            delete from auth.one_time_tokens t using auth.users u
            where u.id = \(person) and t.user_id = u.id and u.email_change is distinct from \(address)
                and t.token_type in ('email_change_token_new', 'email_change_token_current')
            """,
            """
            update auth.users set email_change = \(address),
                email_change_confirm_status = \(settings.agreed(byNobodyAt: current).rawValue), updated_at = \(now)
            where id = \(person)
            """,
        ]
    }

    /// What an address's agreement has led to.
    enum Agreement: Sendable {
        /// The link was for another wish than the person has now.
        case stale
        /// The other has yet to agree.
        case half
        case whole
    }

    /// An address has agreed.
    ///
    /// - Throws: `DatabaseError`, a unique violation when somebody else has the address by now.
    func changeAddress<Input>(
        _ used: UsedLink, _ transaction: Transaction, _ call: Call<Visitor, Input>
    ) async throws -> Agreement {
        let now = call.now
        let mine = AddressChange.Agreed(tokenType: used.tokenType)
        // Of two who agree at once, the second sees that the first has.
        let wish: (current: String?, new: String?, agreed: Int) = try await transaction.one(
            """
            select email, nullif(email_change, '') as email_change,
                coalesce(email_change_confirm_status, 0)::int4 as agreed
            from auth.users where id = \(used.person) for update
            """
        ) { (try $0["email"], try $0["email_change"], try $0["agreed"]) }
        guard let address = wish.new, used.recipient == (mine == .new ? address : wish.current) else { return .stale }
        guard wish.agreed == mine.other.rawValue else {
            try await transaction.run(
                """
                update auth.users set email_change_confirm_status = \(mine.rawValue), updated_at = \(now)
                where id = \(used.person)
                """)
            return .half
        }
        let former = wish.current.flatMap { $0.isEmpty ? nil : $0 }
        // A password that was set before anybody had confirmed the former address may be a stranger's.
        let change: SQL = """
            update auth.users set email = \(address), email_confirmed_at = \(now), updated_at = \(now),
                encrypted_password = case
                    when email_confirmed_at is not null or coalesce(email, '') = '' then encrypted_password
                end
            where id = \(used.person)
            """
        // Whoever had none is somebody new to us.
        let told = try Self.posting(
            former == nil ? .welcome : .emailChanged, to: former ?? address, used.metadata, call.request, call.services)
        let statements =
            [change] + EmailIdentity.statements(of: used.person, address, isConfirmed: true, now)
            + Self.endingLinks(of: used.person, butFlow: used.flow) + told
        for statement in statements { try await transaction.run(statement) }
        return .whole
    }
}

extension SignInSettings {
    /// Who counts as having agreed before anybody was asked: the present address, where there is none or one is enough.
    fileprivate func agreed(byNobodyAt current: String?) -> AddressChange.Agreed {
        asksBothAddresses && current != nil ? .nobody : .current
    }
}
