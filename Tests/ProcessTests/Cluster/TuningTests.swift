import LeanSaaS
import Postgres
import Testing

extension ClusterTests {
    private static func standings(_ comparisons: [Comparison]) -> [String: Comparison.Standing] {
        Dictionary(uniqueKeysWithValues: comparisons.map { ($0.figure.name, $0.standing) })
    }

    @Test func `a server is compared with the guide, brought there, and keeps what is better`() async throws {
        try await Self.inDirectory { path in
            var cluster: Cluster? = try await Self.start(path)
            let settings = try DatabaseSettings(url: #require(cluster).url(user: "postgres", database: "postgres"))
            let database = Database(settings)
            try await database.run("alter system set effective_cache_size = '3GB'")
            try await database.run("select pg_reload_conf()")
            await database.close()

            let tuning = Tuning(settings)
            let before = try await tuning.compare()
            let found = Self.standings(before)
            #expect(before.count == 12)
            #expect(found["max_connections"] == .same)
            #expect(found["effective_cache_size"] == .better)
            #expect(found["shared_buffers"] == .differs)
            #expect(found["random_page_cost"] == .differs)
            #expect(found["log_duration"] == .differs)
            let report = TuningReport.render(before)
            #expect(report.contains("needs a restart"))
            #expect(report.contains("128MB"))

            let applied = Self.standings(try await tuning.apply(before))
            #expect(applied["shared_buffers"] == .waits)
            #expect(applied["random_page_cost"] == .same)
            #expect(applied["log_statement"] == .same)
            #expect(applied["effective_cache_size"] == .better)
            #expect(!applied.values.contains(.differs))

            let pid = try Self.pid(path)
            try await cluster?.leave()
            try await Self.gone(pid)
            // The files' lock goes with the value.
            cluster = nil
            cluster = try await Self.start(path)
            let after = Self.standings(try await tuning.compare())
            #expect(after["shared_buffers"] == .same)
            #expect(after["wal_buffers"] == .same)
            #expect(Set(after.values) == [.same, .better])
            try await cluster?.leave()
        }
    }

    @Test func `a role that is no superuser may compare, not apply`() async throws {
        try await Self.inDirectory { path in
            let cluster = try await Self.start(path)
            let admin = Database(DatabaseSettings(url: cluster.url(user: "postgres", database: "postgres")))
            try await admin.run("create role authenticator login")
            let tuning = Tuning(DatabaseSettings(url: cluster.url(user: "authenticator", database: "postgres")))
            let before = try await tuning.compare()
            await #expect(throws: DatabaseError.self) { try await tuning.apply(before) }
            #expect(Self.standings(try await tuning.compare()) == Self.standings(before))
            await admin.close()
            try await cluster.leave()
        }
    }
}
