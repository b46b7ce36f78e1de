import LeanSaaS
import Postgres
import TestKit
import Testing

/// `leansaas db tune`, as an operator types it.
extension ClusterTests {
    private static let guideOnly = "alter system set random_page_cost = '1.1';"

    @Test func `db tune says what differs and exits 1, sets it with --apply, and then exits 0`() async throws {
        try await Self.inDirectory { path in
            let cluster = try await Self.start(path)
            let url = cluster.url(user: "postgres", database: "postgres")
            let leansaas = Program([:])
            let compared = try await leansaas.run("db", "tune", "--url", url)
            #expect(compared.status == 1)
            #expect(compared.complaint == "")
            #expect(compared.lines.first?.split(separator: " ") == ["setting", "guide", "server"])
            #expect(compared.lines.contains { $0.hasPrefix("random_page_cost") && $0.hasSuffix("differs") })
            #expect(compared.lines.contains { $0.hasPrefix("max_connections") && $0.hasSuffix("as the guide says") })
            #expect(compared.lines.contains { $0.hasPrefix("shared_buffers") && $0.hasSuffix("needs a restart") })
            #expect(compared.lines.contains(Self.guideOnly))
            #expect(compared.lines.last == "select pg_reload_conf();")
            // It was only told.
            #expect(try await leansaas.run("db", "tune", "--url", url).output == compared.output)

            let applied = try await leansaas.run("db", "tune", "--url", url, "--apply")
            #expect(applied.status == 0)
            #expect(applied.complaint == "")
            #expect(applied.lines.contains(Self.guideOnly))
            #expect(applied.lines.contains { $0.hasPrefix("random_page_cost") && $0.hasSuffix("as the guide says") })
            #expect(applied.lines.contains { $0.hasPrefix("shared_buffers") && $0.hasSuffix("waits for a restart") })

            let after = try await Program(["DATABASE_BOOTSTRAP_URL": url]).run("db", "tune")
            #expect(after.status == 0)
            #expect(!after.output.contains("alter system") && !after.output.contains("differs"))
            try await cluster.leave()
        }
    }

    @Test func `db tune without the rights, the server or the URL says so and exits 1`() async throws {
        try await Self.inDirectory { path in
            let cluster = try await Self.start(path)
            let admin = Database(DatabaseSettings(url: cluster.url(user: "postgres", database: "postgres")))
            try await admin.run("create role authenticator login")
            await admin.close()
            let url = cluster.url(user: "authenticator", database: "postgres")
            let leansaas = Program([:])
            let before = try await leansaas.run("db", "tune", "--url", url)
            #expect(before.status == 1)
            #expect(before.lines.contains(Self.guideOnly))
            let refused = try await leansaas.run("db", "tune", "--url", url, "--apply")
            #expect(refused.status == 1)
            #expect(refused.complaint.contains("permission denied"), "\(refused.complaint)")
            #expect(try await leansaas.run("db", "tune", "--url", url).output == before.output)
            try await cluster.leave()

            let away = try await leansaas.run("db", "tune", "--url", "postgresql://a:a-secret-word@127.0.0.1:1/none")
            #expect(away.status == 1)
            #expect(away.output == "")
            #expect(!away.complaint.isEmpty && !away.complaint.contains("a-secret-word"), "\(away.complaint)")
            let nowhere = try await leansaas.run("db", "tune")
            #expect(nowhere.status == 1)
            #expect(nowhere.complaint == "not ready:\n  - give --url or DATABASE_BOOTSTRAP_URL\n")
        }
    }
}
