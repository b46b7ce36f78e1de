import Features
import Logging
import Platform
import Postgres

/// A development installation: opened, it has a database that runs and settings that fit it.
struct Development: Sendable {
    let home: DevelopmentHome

    /// Starts or adopts the database, makes roles and secrets where they lack.
    func opened(port: Int? = nil) async throws -> RunningDevelopment {
        let secrets = try await home.secrets()
        var log = Logger(label: "leansaas.dev")
        log.logLevel = .warning
        let cluster = try await Cluster.start(in: home.directory, logger: log)
        let failures = try await Bootstrap.run(
            on: DatabaseSettings(url: cluster.url(user: "postgres", database: "postgres")))
        guard failures.isEmpty else { throw NotReady(reasons: failures.map(\.description)) }
        return RunningDevelopment(
            home: home, cluster: cluster, secrets: secrets, sources: try sources(cluster, secrets, port))
    }

    /// The environment and `.env` as they are, with what this installation made up for itself in front.
    private func sources(_ cluster: Cluster, _ secrets: DevelopmentSecrets, _ port: Int?) throws -> SettingSources {
        var environment = Terminal.environment
        environment["NODE_ENV"] = environment["NODE_ENV"] ?? Stage.development.rawValue
        environment["DATABASE_URL"] = cluster.url(user: "authenticator", database: "postgres")
        environment["DATABASE_DIRECT_URL"] = environment["DATABASE_URL"]
        environment["DATABASE_MIGRATION_URL"] = cluster.url(user: "lean_owner", database: "postgres")
        environment["JWT_SECRET"] = secrets.tokenSecret
        environment["ENCRYPTION_KEY"] = secrets.encryptionKey
        environment["SUPABASE_ANON_KEY"] = secrets.anonKey
        environment["SUPABASE_SERVICE_ROLE_KEY"] = secrets.serviceKey
        if let port {
            environment["PORT"] = String(port)
            environment["API_URL"] = environment["API_URL"] ?? "http://localhost:\(port)"
        }
        return try SettingSources.load(directory: Terminal.directory, environment: environment)
    }
}

/// A development installation whose database runs.
struct RunningDevelopment: Sendable {
    let home: DevelopmentHome
    let cluster: Cluster
    let secrets: DevelopmentSecrets
    let sources: SettingSources

    /// Lets go of the database: the last that does stops it.
    func close() async throws {
        try await cluster.leave()
    }

    /// Makes the operator at the first start, and prints what a newcomer needs.
    func announce(_ node: Node, port: Int) async throws {
        do {
            try await Accounts.create(
                DevelopmentSecrets.operatorEmail, password: .madeUp(secrets.operatorPassword), isOperator: true,
                node.services)
        } catch let problem as Problem where problem.kind.code == "user_already_exists" {
            // Made at an earlier start.
        }
        let url = "http://localhost:\(port)"
        try home.note(url: url)
        Terminal.say(
            """

            Lean SaaS \(Version.number) serves at \(url)

              anon key          \(secrets.anonKey)
              service_role key  \(secrets.serviceKey)
              operator          \(DevelopmentSecrets.operatorEmail)  \(secrets.operatorPassword)

            Try it:
              curl \(url)/auth/v1/signup -H 'apikey: \(secrets.anonKey)' -H 'content-type: application/json' \\
                -d '{"email": "you@example.com", "password": "correct horse"}'

            """)
    }
}
