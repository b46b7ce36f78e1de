import Features
import LeanSaaS
import Platform
import TestKit
import Testing

/// Routes that may be answered by a standby.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ReadingRouteTests {
    private static func write(_ call: Call<ServiceCaller, NoInput>) async throws -> NoContent {
        try await call.database.run("insert into public.written values (1)")
        return NoContent()
    }

    private static func writeInSteps(_ call: Call<ServiceCaller, NoInput>) async throws -> NoContent {
        try await call.database.transaction { transaction in
            try await transaction.run("select 1")
            try await transaction.run("insert into public.written values (1)")
        }
        return NoContent()
    }

    /// What each of the routes answers, and how many rows there are in the end.
    private func answers(_ settings: [String: String]) async throws -> (answers: [String], rows: Int) {
        let features: FeatureList = { read, basics in
            Product.features(&read, basics) + [
                Feature(
                    name: "sample",
                    functions: [
                        .post("held", .service, "Write where only reading is allowed", Self.write).fromReplica(),
                        .post("steps", .service, "Write in a transaction", Self.writeInSteps).fromReplica(),
                        .post("free", .service, "Write", Self.write),
                    ])
            ]
        }
        return try await TestNode.serving(settings: settings, features: features) { server in
            let service = try await server.service()
            var answers: [String] = []
            for name in ["held", "steps", "free"] {
                let answer = try await service.post("/functions/v1/sample_\(name)")
                let code = answer.bytes.isEmpty ? "" : try answer.json["error"]?["code"]?.string ?? answer.text
                answers.append("\(answer.status) \(code)")
            }
            let owner = try await TestDatabase.current.pool(as: "postgres")
            let rows: Int = try await owner.one("select count(*) as count from public.written") { try $0["count"] }
            await owner.close()
            return (answers, rows)
        }
    }

    @Test func `a verb that writes on such a route fails alike with a standby and without one`() async throws {
        let owner = try await TestDatabase.current.pool(as: "postgres")
        try await owner.run("create table public.written (n int)")
        try await owner.run("grant all on public.written to service_role")
        await owner.close()
        let alone = try await answers([:])
        let behind = try await answers(["DATABASE_REPLICA_URL": "postgresql://nobody@127.0.0.1:1/none"])
        #expect(alone.answers == behind.answers)
        #expect(alone.answers.last?.hasPrefix("204") == true)
        #expect(alone.answers.dropLast().allSatisfy { $0.hasPrefix("5") }, "\(alone.answers)")
        #expect((alone.rows, behind.rows) == (1, 2))
    }
}
