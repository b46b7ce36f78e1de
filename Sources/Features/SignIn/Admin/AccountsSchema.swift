import Platform
import Postgres

extension SignIn {
    /// What looking after accounts and sessions needs of the schema.
    static let accountMigrations = [
        Migration("accounts_by_age", accountsByAge)
    ]

    /// Administrators read accounts by pages, the newest first.
    private static let accountsByAge: StaticString = """
        create index users_created_at_idx on auth.users (created_at, id);
        """
}
