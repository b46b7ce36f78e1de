import Platform
import Postgres

extension SignIn {
    /// Somebody signed up with an address that has an account. Where it is confirmed, its owner is told by letter, since the page
    /// tells nobody.
    ///
    /// Where nobody has confirmed it yet, the letter that confirms it goes out again. With another password than the account has,
    /// it has none from now on: who of the two reads the letter is not known, and must not open the account to the other.
    ///
    /// - Parameter standIn: the account that was made in place of it, and goes.
    func takeAway(
        _ standIn: ID<Person>, _ request: LinkRequest, _ transaction: Transaction, _ services: Services
    ) async throws {
        let metadata: SQL = "(select raw_user_meta_data from auth.users where id = \(standIn))"
        let condition: SQL = "email = \(request.address) and is_sso_user = false"
        let owner = try await transaction.first(Recipient.select(where: condition), Recipient.init)
        if let owner, !owner.isConfirmed, request.repeatsPassword != true {
            try await transaction.run(
                """
                update auth.users u set
                    encrypted_password = null,
                    raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || coalesce(\(metadata), '{}')
                where id = \(owner.id)
                """)
        }
        try await transaction.run("delete from auth.users where id = \(standIn)")
        guard let owner else { return }
        if owner.isConfirmed {
            let language = owner.language ?? Language(rawValue: request.language) ?? .english
            try await transaction.run(
                Mailing.post(Letter(.accountExists, to: request.address, in: language), services))
        } else {
            var request = request
            request.person = owner.id.text
            try await transaction.run(post(request, services))
        }
    }

    /// Both letters of a change of address once more, for whoever names the present address, or the new one where no two people wish
    /// for it: else the letter would serve the wrong one.
    func askAgain(_ request: LinkRequest, _ transaction: Transaction, _ services: Services) async throws {
        let now = services.clock.now()
        let named = try await transaction.all(
            Recipient.select(
                where: """
                    (email = \(request.address) or email_change = \(request.address)) and email_change <> ''
                        and is_sso_user = false
                    """), Recipient.init)
        let isTheirs = { (person: Recipient) in person.address == request.address }
        guard let person = named.first(where: isTheirs) ?? (named.count == 1 ? named.first : nil),
            let new = person.newAddress, person.mayReceive(.emailChange, at: now)
        else { return }
        let change = AddressChange(
            person: person.id, current: person.address, new: new, language: request.language,
            redirect: request.redirect, challenge: request.challenge)
        for statement in try asking(change, now, services) { try await transaction.run(statement) }
    }
}
