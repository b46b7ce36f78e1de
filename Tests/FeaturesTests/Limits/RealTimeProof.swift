import Codecs
import Features
import Foundation
import Platform
import Postgres
import TestKit
import Testing

/// The production guide's table, row by row, over HTTP and by the clock on the wall: it takes an hour, since a block does.
/// `Tests/Proofs/limits-hour` runs it.
@Suite(
    .freshDatabase, .enabled(if: ProcessInfo.processInfo.environment["LEAN_PROVE_LIMITS"] == "1"),
    .timeLimit(.minutes(90)))
struct RealTimeProof {
    /// One limit, used up and waited for.
    private struct Row: Sendable {
        let name: String
        let most: Int
        /// Seconds until more is let in: a block is exact, a window ends when it does.
        let wait: ClosedRange<Int>
        let ask: @Sendable () async throws -> TestAnswer

        static let pauses = 20

        func prove(_ store: String) async throws {
            let (count, refusal) = try await GuideTableTests.admissions(most + most / 100) { try await ask() }
            let refused = ContinuousClock.now
            // A window that ends in the middle lets in a little of what is used up.
            #expect((most...(most + most / 100)).contains(count), "\(name): \(count)")
            let told = try #require(refusal.header("retry-after").flatMap { Int($0) })
            #expect(wait.contains(told), "\(name): Retry-After \(told)")
            // Whoever asks in vain prolongs nothing.
            let almost = refused + .seconds(told) - .seconds(3)
            var vain = 0
            while ContinuousClock.now < almost {
                let answer = try await ask()
                #expect(answer.status == 429, "\(name): let in \((almost - .now)) too soon")
                vain += 1
                try await Task.sleep(until: min(almost, .now + .seconds(max(1, told / Self.pauses))))
            }
            try await Task.sleep(until: refused + .seconds(told))
            let answer = try await ask()
            let after = (ContinuousClock.now - refused) / .seconds(1)
            #expect(answer.status != 429, "\(name): not let in after \(after) s")
            print("\(store): \(name): \(count) let in, refused for \(told) s (\(vain) times), let in after \(after) s")
        }
    }

    @Test(arguments: [false, true])
    func `every row lets in what it says, refuses for as long, and lets in again`(isShared: Bool) async throws {
        guard isShared else { return try await prove("in memory", [:]) }
        try await TestRedis.running { redis in
            try await prove("in Redis", redis.settings.merging(["REDIS_COMMAND_TIMEOUT": "10000"]) { $1 })
        }
    }

    private func prove(_ store: String, _ settings: [String: String]) async throws {
        // The limit per minute would come before those per hour.
        let settings = settings.merging(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "1000000"]) { $1 }
        try await TestNode.serving(settings: settings, features: GuideTableTests.features) { server in
            let rows = try await Self.visitors(server) + Self.callers(server) + Self.tiers(server)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for row in rows { group.addTask { try await row.prove(store) } }
                try await group.waitForAll()
            }
        }
    }

    private static func visitors(_ server: TestServer) -> [Row] {
        @Sendable func signIn(_ name: String, from address: String) async throws -> TestAnswer {
            try await server.visitor.with("x-forwarded-for", address).post(
                "/auth/v1/token?grant_type=password",
                ["email": .string("\(name)@example.com"), "password": .string("wrong")])
        }
        return [
            Row(name: "global", most: 1_000, wait: 1...3_700) {
                try await server.visitor.with("x-forwarded-for", "203.0.113.1").get("/functions/v1/trial_open")
            },
            Row(name: "/auth/login", most: 5, wait: 899...900) { try await signIn("ada", from: "203.0.113.2") },
            Row(name: "auth", most: 10, wait: 1...120) { try await signIn(ID<Person>().text, from: "203.0.113.3") },
            Row(name: "/auth/register", most: 3, wait: 3_599...3_600) {
                try await server.visitor.with("x-forwarded-for", "203.0.113.4").post(
                    "/auth/v1/signup",
                    ["email": .string("\(ID<Person>().text)@example.com"), "password": .string(TestPerson.password)])
            },
        ]
    }

    private static func callers(_ server: TestServer) async throws -> [Row] {
        let client = try await server.person("kay", from: "203.0.113.5").client
        return [
            Row(name: "/api-keys/create", most: 10, wait: 3_599...3_600) {
                try await client.post("/functions/v1/trial_key")
            },
            Row(name: "/billing/checkout", most: 3, wait: 299...300) {
                try await client.post("/functions/v1/trial_checkout")
            },
            Row(name: "api-keys", most: 5, wait: 1...120) { try await client.get("/functions/v1/trial_keys") },
            Row(name: "billing", most: 20, wait: 1...120) { try await client.get("/functions/v1/trial_bills") },
        ]
    }

    private static func tiers(_ server: TestServer) async throws -> [Row] {
        var rows: [Row] = []
        for tier in Tier.allCases {
            let person = try await server.person(tier.rawValue, from: "203.0.113.\(10 + rows.count)")
            try await server.node.services.platform.run(
                """
                insert into lean.organization_limits (organization_id, tier)
                values (\(person.organization), \(tier.rawValue))
                """)
            var used = 0
            try await until("the tier is heard of") {
                used += 1
                let answer = try await person.client.get("/functions/v1/notes_list")
                return answer.header("ratelimit-policy") == "\"tier\";q=\(tier.requestsPerHour);w=3600"
            }
            let left = tier.requestsPerHour - used
            rows.append(
                Row(name: "tier \(tier.rawValue)", most: left, wait: 1...3_700) {
                    try await person.client.get("/functions/v1/notes_list")
                })
        }
        return rows
    }
}
