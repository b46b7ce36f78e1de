import HTTPTypes
import Platform
import Postgres

extension SignIn {
    /// GoTrue's administration of accounts, for operators and the product's own servers.
    /// Source: supabase/auth, internal/api/admin.go.
    var adminRoutes: [Route] {
        let changing: [ProblemKind] = [
            .emailExists, .invalidEmail, .weakPassword, .longPassword, .phoneDisabled, .passwordsBusy, .leaksUnknown,
        ]
        return [
            .get("/auth/v1/admin/users", .administrator, "List accounts, the newest first", listUsers)
                .answers(
                    Success.json(UserPage.memberType)
                        .with(.link, "The next and the last page (RFC 8288).")
                        .with(.totalCount, "How many accounts there are in all.")
                ).named("auth_admin_users_list"),
            .post("/auth/v1/admin/users", .administrator, "Make an account", fails: changing, createUser)
                .named("auth_admin_user_create"),
            .get(
                "/auth/v1/admin/users/{user_id}", .administrator, "Read an account", fails: [.userNotFound], readAnyUser
            ).named("auth_admin_user_read"),
            .put(
                "/auth/v1/admin/users/{user_id}", .administrator, "Change an account",
                fails: [.userNotFound] + changing, updateUser
            ).named("auth_admin_user_update"),
            .delete(
                "/auth/v1/admin/users/{user_id}", .administrator, "Delete an account", fails: [.userNotFound],
                deleteUser
            ).answers(.json(.object)).named("auth_admin_user_delete"),
            .post(
                "/auth/v1/admin/generate_link", .administrator, "Make a link without sending it",
                fails: [
                    .emailExists, .invalidEmail, .userNotFound, .weakPassword, .longPassword, .passwordsBusy,
                    .leaksUnknown,
                ],
                generateLink),
            .post(
                "/auth/v1/invite", .administrator, "Invite somebody by a letter",
                fails: [.emailExists, .invalidEmail, .emailDisabled], invite),
        ]
    }
}

extension ProblemKind {
    static let userNotFound = ProblemKind("user_not_found", 404, "User not found")
}

extension Event {
    static let adminAction = Event(
        "admin_actions", "An administrator made, changed or deleted an account", at: .notice,
        kept: .security(.admin))
}

extension SignIn {
    /// Which account.
    struct WhichUser: RequestInput {
        let id: ID<Person>

        static let input = Input<WhichUser>(userID, make: WhichUser.init(id:))
        static var userID: Field<ID<Person>> { Field.id("user_id", "The account.").inPath }
    }

    func readAnyUser(_ call: Call<Administrator, WhichUser>) async throws -> User {
        try await found {
            try await call.platform.one(
                "select \(User.columns) from auth.users u where u.id = \(call.input.id)", User.init)
        }
    }

    /// What the node remembers of the person no longer holds.
    func forget(_ person: ID<Person>, _ services: Services) async {
        sessions.forget(person)
        await services.cache.forget(.person(person))
    }

    /// Who did it is told in the transaction that does it.
    func administering<Input>(
        _ person: ID<Person>, _ action: String, _ call: Call<Administrator, Input>
    ) -> SQL {
        call.recording(.adminAction, of: .person(person), ["action": action])
    }

    /// No row is an account that is not there.
    func found<Value: Sendable>(_ read: () async throws -> Value) async throws -> Value {
        do {
            return try await read()
        } catch DatabaseError.noRow {
            throw Problem(.userNotFound)
        }
    }
}
