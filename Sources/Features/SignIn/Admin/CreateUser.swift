import Codecs
import Platform
import Postgres

extension SignIn {
    /// An account to be.
    struct UserDraft: RequestInput {
        let id: String?
        let given: UserAttributes.Given

        static let input: Input<UserDraft> = {
            let fields = UserAttributes.Fields()
            return Input(
                Field.optionalText("id", 0...36, "Its id, when it had one elsewhere: a UUID.").withoutExample
                    .must("be a UUID, and not all zeros") { $0.map(isID) ?? true },
                fields.email, fields.phone, fields.password, fields.passwordHash, fields.emailConfirm,
                fields.userMetadata, fields.appMetadata, fields.banDuration, fields.role
            ) { id, email, phone, password, hash, confirm, userMetadata, appMetadata, ban, _ in
                UserDraft(
                    id: id,
                    given: UserAttributes.Given(
                        email: email, phone: phone, password: password, passwordHash: hash, emailConfirm: confirm,
                        userMetadata: userMetadata, appMetadata: appMetadata, banDuration: ban))
            }
        }()

        private static func isID(_ text: String) -> Bool {
            text.isEmpty || ID<Person>(text).map { $0.text != "00000000-0000-0000-0000-000000000000" } ?? false
        }
    }

    /// Makes an account without signing it in. Without a password nobody signs in with one until it is set.
    func createUser(_ call: Call<Administrator, UserDraft>) async throws -> User {
        let given = call.input.given
        let owner = PasswordOwner(addresses: [given.email], metadata: [given.userMetadata])
        let attributes = try await attributes(given, for: owner, call.services)
        guard let email = attributes.email else {
            throw Problem(.validationFailed, "Cannot create a user without either an email or phone")
        }
        let person = call.input.id.flatMap { ID<Person>($0) } ?? ID<Person>()
        let row: SQL = """
            insert into auth.users (
                instance_id, id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
            values (
                '00000000-0000-0000-0000-000000000000', \(person), 'authenticated', 'authenticated', \(email.text),
                \(NewAccount.appMetadata), '{}', \(call.now), \(call.now))
            """
        let read: SQL = "select \(User.columns) from auth.users u where u.id = \(person)"
        let statements =
            [row, attributes.update(person, call.now)] + attributes.identity(person, call.now)
            + [administering(person, "create", call), read]
        do {
            let user = try await call.platform.batch(statements).lastRow(User.init)
            await forget(person, call.services)
            return user
        } catch DatabaseError.server(let error) where error.constraint == "users_email_partial_key" {
            throw Problem(.emailExists, cause: error)
        }
    }
}
