import Features
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing
import Threads

/// What is said of services that are not well.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct HealthTests {
    private struct Ailing: Error, CustomStringConvertible {
        let description = "it aches"
    }

    @Test func `a check that fails is named, and told when it begins and when it ends`() async throws {
        let isAiling = Locked(true)
        let features: FeatureList = { read, basics in
            Product.features(&read, basics) + [
                Feature(
                    name: "patient",
                    checks: [HealthCheck("patient") { _ in if isAiling.withLock({ $0 }) { throw Ailing() } }])
            ]
        }
        try await TestNode.serving(features: features) { server in
            let path = "/functions/v1/core_health-check"
            try await until("it is known") { try await server.visitor.get(path).json["status"] == "degraded" }
            let ill = try await server.visitor.get(path).json
            #expect(ill["services"]?["patient"]?["status"] == "error")
            #expect(ill["services"]?["patient"]?["message"] == "it aches")
            #expect(ill["services"]?["storage"]?["status"] == "unknown", "the guide's names are always there")
            let metrics = server.node.services.metrics
            #expect(await metrics.exposition().contains("leansaas_health_check{check=\"patient\"} 0\n"))
            isAiling.withLock { $0 = false }
            func told(_ event: String) -> Int {
                metrics.value(of: "leansaas_events_total", ["event": event])
            }
            try await until("it is well") { told("health.restored") == 1 }
            #expect(told("health.failing") == 1, "once, however often it was asked")
            try await until("the whole is") { try await server.visitor.get(path).json["status"] == "ok" }
            #expect(await metrics.exposition().contains("leansaas_health_check{check=\"patient\"} 1\n"))
        }
    }

    @Test func `a database that does not answer keeps no figures back but its own`() async throws {
        let silent = try await FreeListener(answer: [])
        let url = "postgresql://authenticator@127.0.0.1:\(silent.port)/app?sslmode=disable"
        let node = try await TestNode.make(settings: [
            "DATABASE_URL": url, "DATABASE_DIRECT_URL": url, "DATABASE_POOLER": "none",
            "DATABASE_CONNECTION_TIMEOUT": "60000",
        ])
        let text = try await within("figures without the database's", limit: .seconds(20)) {
            await node.services.metrics.exposition()
        }
        #expect(text.contains("leansaas_samples_missing{source=\"feature audit\"} 1\n"))
        #expect(text.contains("leansaas_samples_missing{source=\"feature queue\"} 1\n"))
        #expect(text.contains("leansaas_samples_missing{source=\"database\"} 0\n"))
        #expect(text.contains("leansaas_database_connections_max 6\n"))
        try await silent.close()
    }
}
