import Postgres

/// What a superuser does once per database cluster and once per database: the roles, and the owner's right to build.
///
/// Roles are Supabase's, so that policies written for it hold here. Every step can be repeated. Source: Supabase's
/// postgres image (initial schema), PostgREST's "Authentication" chapter.
package enum Bootstrap {
    package struct Step: Sendable {
        package let doc: String
        let script: String
    }

    /// What could not be done, and what it is needed for.
    package struct Failure: Sendable, CustomStringConvertible {
        package let step: String
        package let reason: String
        package var description: String { "\(step): \(reason)" }
    }

    package static let steps: [Step] = [
        role("lean_owner", "login nobypassrls nosuperuser", "owns the schema and runs migrations"),
        role("authenticator", "login noinherit nobypassrls nosuperuser", "the server logs in as it"),
        role("anon", "nologin nobypassrls", "requests without a session"),
        role("authenticated", "nologin nobypassrls", "requests of people who are signed in"),
        role("service_role", "nologin bypassrls", "servers of the product's own"),
        role("lean_platform", "nologin nobypassrls", "the platform's tables, by exact grants"),
        role("lean_definer", "nologin bypassrls", "owns the helpers of policies"),
        Step(
            doc: "the server may switch to the roles of requests",
            script: "grant anon, authenticated, service_role, lean_platform to authenticator"),
        Step(doc: "the owner may hand helpers to lean_definer", script: "grant lean_definer to lean_owner"),
        Step(
            doc: "the owner may build in this database",
            script: """
                do $$ begin
                    execute format('grant create, connect, temporary on database %I to lean_owner', current_database());
                    execute format('revoke all on database %I from public', current_database());
                    execute format('grant connect on database %I to authenticator', current_database());
                end $$;
                grant usage, create on schema public to lean_owner with grant option;
                revoke create on schema public from public;
                """),
    ]

    /// Runs all steps as the URL's role, and gives back what it was not allowed to do.
    ///
    /// - Throws: `DatabaseError` when there is no connection.
    package static func run(on settings: DatabaseSettings) async throws -> [Failure] {
        var failures: [Failure] = []
        for step in steps {
            do {
                try await Migrator.run(step.script, on: settings)
            } catch DatabaseError.server(let error) {
                failures.append(Failure(step: step.doc, reason: error.message))
            }
        }
        return failures
    }

    /// Runs a script as the URL's role: for tests and tools that make whole databases.
    package static func administer(_ script: String, on settings: DatabaseSettings) async throws {
        try await Migrator.run(script, on: settings)
    }

    /// Roles belong to the whole cluster: another database may have made them already, perhaps at this very moment.
    private static func role(_ name: String, _ attributes: String, _ doc: String) -> Step {
        Step(
            doc: "role \(name): \(doc)",
            script: """
                do $$ begin
                    if not exists (select from pg_roles where rolname = '\(name)') then
                        create role \(name) \(attributes);
                    end if;
                exception when duplicate_object or unique_violation then null;
                end $$
                """)
    }
}
