import Platform
import Postgres

extension SignIn {
    struct UserChange: RequestInput {
        let id: ID<Person>
        let given: UserAttributes.Given

        static let input: Input<UserChange> = {
            let fields = UserAttributes.Fields()
            return Input(
                WhichUser.userID, fields.email.example("grace.hopper@example.com"), fields.phone, fields.password,
                fields.passwordHash, fields.emailConfirm,
                fields.userMetadata, fields.appMetadata, fields.banDuration, fields.role
            ) { id, email, phone, password, hash, confirm, userMetadata, appMetadata, ban, _ in
                UserChange(
                    id: id,
                    given: UserAttributes.Given(
                        email: email, phone: phone, password: password, passwordHash: hash, emailConfirm: confirm,
                        userMetadata: userMetadata, appMetadata: appMetadata, banDuration: ban))
            }
        }()
    }

    /// Changes an account. A new password ends its sessions; a ban refuses them while it lasts.
    func updateUser(_ call: Call<Administrator, UserChange>) async throws -> User {
        let person = call.input.id
        let given = call.input.given
        let owner = try await owner(of: person, given, call)
        let attributes = try await attributes(given, for: owner, call.services)
        var statements = [attributes.update(person, call.now)] + attributes.identity(person, call.now)
        if attributes.hash != nil { statements.append("delete from auth.sessions where user_id = \(person)") }
        if attributes.isConfirmed { statements.append(PendingSignUp.forgetting(of: person)) }
        if attributes.hash != nil || attributes.email != nil { statements += Self.endingLinks(of: person) }
        statements.append(administering(person, attributes.hash == nil ? "update" : "update password", call))
        do {
            let batch = statements
            let user = try await found {
                try await call.platform.transaction { transaction in
                    let read: SQL = "from auth.users u where u.id = \(person) and u.deleted_at is null"
                    _ = try await transaction.one("select u.id \(read) for update") { _ in true }
                    for statement in batch { try await transaction.run(statement) }
                    return try await transaction.one("select \(User.columns) \(read)", User.init)
                }
            }
            await forget(person, call.services)
            return user
        } catch DatabaseError.server(let error) where error.constraint == "users_email_partial_key" {
            throw Problem(.emailExists, cause: error)
        }
    }

    /// Whose password is to be judged, where one is given.
    private func owner(
        of person: ID<Person>, _ given: UserAttributes.Given, _ call: Call<Administrator, UserChange>
    ) async throws -> PasswordOwner {
        guard given.password?.isEmpty == false else { return PasswordOwner(addresses: [], metadata: []) }
        let user = try await readAnyUser(call.with(WhichUser(id: person)))
        return PasswordOwner(user, newAddress: given.email, newMetadata: given.userMetadata)
    }
}
