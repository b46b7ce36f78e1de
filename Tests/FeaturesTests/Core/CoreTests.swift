import Codecs
import Features
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct CoreTests {
    private static func untilReady(_ server: TestServer) async throws {
        try await until("the node is ready") { try await server.visitor.get("/readyz").status == 200 }
    }

    @Test func `health tells of each service with a time above zero`() async throws {
        try await TestNode.serving { server in
            try await Self.untilReady(server)
            let answer = try await server.visitor.get("/functions/v1/core_health-check")
            let json = try answer.json
            #expect(answer.status == 200)
            #expect(json["status"] == "ok")
            #expect(json["environment"] == "test")
            #expect(json["services"]?["database"]?["status"] == "ok")
            #expect(json["services"]?["stripe"]?["status"] == "unknown")
            #expect((json["services"]?["database"]?["latency"]?.double ?? 0) > 0)
            #expect((json["performance"]?["responseTime"]?.double ?? 0) > 0)
            #expect(answer.header("access-control-allow-origin") == "*")
        }
    }

    @Test func `version agrees with health, and minimal says little`() async throws {
        try await TestNode.serving { server in
            let full = try await server.visitor.get("/functions/v1/core_version")
            let health = try await server.visitor.get("/functions/v1/core_health-check")
            let json = try full.json
            let healthVersion = try health.json["version"]
            #expect(json["version"] == healthVersion)
            let version = try #require(json["version"]?.string)
            #expect(version.wholeMatch(of: /\d+\.\d+\.\d+(-\w+)?/) != nil)
            #expect(json["api"]?["version"] == "v1")
            #expect(json["runtime"]?["name"] == "swift")
            #expect(full.header("x-api-version") == "v1")
            #expect(full.header("cache-control") == "public, max-age=300")
            let minimal = try await server.visitor.get("/functions/v1/core_version?minimal=true")
            #expect(try minimal.json["runtime"] == nil)
            #expect(!full.text.lowercased().contains("token"))
        }
    }

    @Test func `configuration masks every secret and is refused outside of development`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.get("/functions/v1/core_configuration")
            #expect(answer.status == 200)
            #expect(!answer.text.contains(TestNode.secret))
            #expect(!answer.text.contains("postgresql://"))
        }
        try await TestNode.serving(settings: ["NODE_ENV": "staging", "SMTP_HOST": "127.0.0.1"]) { server in
            let answer = try await server.visitor.get("/functions/v1/core_configuration")
            #expect(answer.status == 403)
            #expect(try answer.json["error"]?["code"] == "ACCESS_DENIED")
        }
    }

    @Test func `metrics want their token outside of development`() async throws {
        let token = "0123456789abcdefFEDCBA9876543210"
        try await TestNode.serving(settings: ["NODE_ENV": "staging", "SMTP_HOST": "127.0.0.1", "METRICS_TOKEN": token])
        { server in
            #expect(try await server.visitor.get("/metrics").status == 401)
            let wrong = server.visitor.with("authorization", "Bearer \(token)x")
            #expect(try await wrong.get("/metrics").status == 401)
            let answer = try await server.visitor.with("authorization", "Bearer \(token)").get("/metrics")
            #expect(answer.status == 200)
            #expect(
                answer.text.contains("leansaas_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"401\"} 2")
            )
            #expect(answer.text.contains("leansaas_database_connections_max 6"))
            #expect(answer.text.contains("process_resident_memory_bytes"))
        }
    }

    @Test func `maintenance closes the product on all nodes but for health and operators`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let member = try await one.person("mia")
                let chief = try await one.person("olga")
                try await Accounts.promote(chief.email, one.node.services)
                try await MaintenanceSwitch.on("Back at noon", one.node.services.platform)
                try await until("both nodes are closed") {
                    [one, two].allSatisfy { $0.node.services.maintenance.notice != nil }
                }
                let there = TestClient(server: two, headers: member.client.headers)
                let refused = try await there.get("/functions/v1/notes_list")
                #expect(refused.status == 503)
                #expect(refused.text.contains("Back at noon"))
                #expect(refused.header("retry-after") != nil)
                #expect(try await two.visitor.get("/functions/v1/core_health-check").status == 200)
                let passing = TestClient(server: two, headers: chief.client.headers)
                #expect(try await passing.get("/functions/v1/notes_list").status == 200)
                try await MaintenanceSwitch.off(two.node.services.platform)
                try await until("the other is open") { one.node.services.maintenance.notice == nil }
                #expect(try await member.client.get("/functions/v1/notes_list").status == 200)
            }
        }
    }
}
