import Platform
import Postgres

extension SignIn {
    /// Somebody signed up with an address that has an account. Where it is confirmed, its owner is told by letter, since the page
    /// tells nobody.
    ///
    /// Where nobody has confirmed it yet, the letter that confirms it goes out again.
    ///
    /// - Parameter standIn: the account that was made in place of it, and goes.
    func takeAway(
        _ standIn: ID<Person>, _ request: LinkRequest, _ transaction: Transaction, _ services: Services
    ) async throws {
        let condition: SQL = "email = \(request.address) and is_sso_user = false and id <> \(standIn)"
        let owner = try await transaction.first(Recipient.select(where: condition), Recipient.init)
        if let owner, !owner.isConfirmed, request.repeatsPassword != true {
            try await transaction.run(Self.doubting(owner.id, standIn))
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
            request.makesAccount = false
            try await transaction.run(post(request, services))
        }
    }

    /// Two have signed up with the address, by two passwords. Who of them reads its letter is not known, and it must not open the
    /// account to the other: it has no password from now on, and what the last one says of themselves. What an operator has made or
    /// invited is none of theirs.
    private static func doubting(_ owner: ID<Person>, _ standIn: ID<Person>) -> SQL {
        """
        update auth.users u set encrypted_password = null, raw_user_meta_data = s.raw_user_meta_data
        from auth.users s
        where u.id = \(owner) and s.id = \(standIn) and \(NewAccount.isSignedUp)
        """
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
            let new = person.newAddress, !new.isEmpty, person.mayReceive(.emailChange, at: now)
        else { return }
        let change = AddressChange(
            person: person.id, current: person.address, new: new, language: request.language,
            redirect: request.redirect, challenge: request.challenge)
        // What was sent stays good until the new letter is out, and who has agreed need not again: strangers can ask for this.
        for statement in try letters(change, but: person.agreed, services) { try await transaction.run(statement) }
    }
}
