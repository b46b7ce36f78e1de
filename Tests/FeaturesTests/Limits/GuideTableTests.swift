import Codecs
import Features
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// The production guide's table, row by row, over HTTP: what is let in, the block, and its end.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct GuideTableTests {
    static let strict = ["RATE_LIMIT_STRICT": "true"]

    /// Stands for features that are to come: what they limit is in the guide already.
    static let features: FeatureList = { read, basics in
        Product.features(&read, basics) + [
            Feature(
                name: "trial",
                functions: [
                    .post("key", .signedIn, "Make a key", GuideTableTests.nothing).limited(by: .createAPIKey),
                    .post("checkout", .signedIn, "Check out", GuideTableTests.nothing).limited(by: .checkout),
                    .get("keys", .signedIn, "Manage keys", GuideTableTests.nothing).limited(by: .apiKeys),
                    .get("bills", .signedIn, "Look at bills", GuideTableTests.nothing).limited(by: .billing),
                    .get("dear", .public, "Costs ten", GuideTableTests.nothing).costs(10),
                    .get("open", .public, "Costs one", GuideTableTests.nothing),
                ])
        ]
    }

    @Sendable static func nothing<Caller>(_ call: Call<Caller, NoInput>) async throws -> NoContent { NoContent() }

    static func serving(
        _ settings: [String: String] = strict,
        _ body: @escaping @Sendable (TestServer, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: settings, features: features, clock: clock.wall) { server in
            try await body(server, clock)
        }
    }

    /// Asks until refused: how often it was let in, and the refusal.
    static func admissions(
        _ most: Int, _ ask: () async throws -> TestAnswer
    ) async throws -> (count: Int, refusal: TestAnswer) {
        for count in 0...most {
            let answer = try await ask()
            if answer.status == 429 { return (count, answer) }
        }
        let answer = try await ask()
        try #require(answer.status == 429, "\(answer.status) after \(most + 2) requests")
        return (most + 1, answer)
    }

    @Test func `global lets a visitor in a thousand times an hour`() async throws {
        try await Self.serving { server, clock in
            let visitor = server.visitor
            let (count, refusal) = try await Self.admissions(1_001) {
                try await visitor.get("/functions/v1/trial_dear")
            }
            #expect(count == 100, "a request that costs ten counts ten times")
            #expect(try refusal.json["error"]?["code"]?.string == "RATE_LIMIT_EXCEEDED")
            #expect(refusal.header("ratelimit-policy") == "\"global\";q=1000;w=3600")
            #expect(refusal.header("x-ratelimit-limit") == "1000")
            #expect(refusal.header("x-ratelimit-remaining") == "0")
            let wait = try #require(refusal.header("retry-after").flatMap { Int($0) })
            #expect((1...7_200).contains(wait))
            #expect(refusal.header("ratelimit") == "\"global\";r=0;t=\(wait)")
            #expect(try await visitor.get("/functions/v1/trial_open").status == 429)
            // Health, probes and pages count nothing and are let in.
            #expect(try await visitor.get("/functions/v1/core_health-check").status == 200)
            #expect(try await visitor.get("/livez").status == 200)
            clock.advance(by: .seconds(wait))
            #expect(try await visitor.get("/functions/v1/trial_dear").status == 204)
            #expect(try await visitor.get("/functions/v1/trial_dear").status == 429)
        }
    }

    @Test func `five wrong passwords block the pair of account and address for fifteen minutes`() async throws {
        try await Self.serving { server, clock in
            let person = try await server.person()
            func attempt(_ password: String, from address: String) async throws -> TestAnswer {
                try await server.visitor.with("x-forwarded-for", address).post(
                    "/auth/v1/token?grant_type=password",
                    ["email": .string(person.email), "password": .string(password)])
            }
            for _ in 0..<5 { #expect(try await attempt("wrong", from: "203.0.113.1").status == 400) }
            let sixth = try await attempt("wrong", from: "203.0.113.1")
            #expect(sixth.status == 429)
            #expect(try sixth.json["error_code"]?.string == "over_request_rate_limit")
            #expect(sixth.header("retry-after") == "900")
            // The right password does not help whoever guessed; its owner elsewhere is not locked out, nor are sessions.
            #expect(try await attempt(TestPerson.password, from: "203.0.113.1").status == 429)
            #expect(try await attempt(TestPerson.password, from: "203.0.113.2").status == 200)
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            let refreshed = try await server.visitor.with("x-forwarded-for", "203.0.113.1").post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
            #expect(refreshed.status == 200)
            clock.advance(by: .seconds(899))
            #expect(try await attempt(TestPerson.password, from: "203.0.113.1").status == 429)
            clock.advance(by: .seconds(2))
            #expect(try await attempt(TestPerson.password, from: "203.0.113.1").status == 200)
        }
    }

    @Test func `three sign-ups an hour from one address, then an hour of none`() async throws {
        try await Self.serving { server, clock in
            func signUp(from address: String) async throws -> TestAnswer {
                try await server.visitor.with("x-forwarded-for", address).post(
                    "/auth/v1/signup",
                    ["email": .string("\(ID<Person>().text)@example.com"), "password": .string(TestPerson.password)])
            }
            let (count, refusal) = try await Self.admissions(3) { try await signUp(from: "203.0.113.1") }
            #expect(count == 3)
            #expect(refusal.header("retry-after") == "3600")
            #expect(try await signUp(from: "203.0.113.9").status == 200)
            clock.advance(by: .seconds(3_599))
            #expect(try await signUp(from: "203.0.113.1").status == 429)
            clock.advance(by: .seconds(2))
            for _ in 0..<3 { #expect(try await signUp(from: "203.0.113.1").status == 200) }
        }
    }

    @Test(arguments: [
        ("/functions/v1/trial_key", 10, 3_600, "/api-keys/create"),
        ("/functions/v1/trial_checkout", 3, 300, "/billing/checkout"),
    ]) func `what has a block is let in, blocked and let in again`(
        _ path: String, _ most: Int, _ block: Int, _ name: String
    ) async throws {
        try await Self.serving { server, clock in
            let (ada, bob) = (try await server.person("ada"), try await server.person("bob"))
            let (count, refusal) = try await Self.admissions(most) { try await ada.client.post(path) }
            #expect(count == most)
            #expect(refusal.header("retry-after") == "\(block)")
            #expect(refusal.header("ratelimit")?.hasPrefix("\"\(name)\";r=0") == true)
            // Another person at the same address is another's business.
            #expect(try await bob.client.post(path).status == 204)
            clock.advance(by: .seconds(block - 1))
            #expect(try await ada.client.post(path).status == 429)
            clock.advance(by: .seconds(2))
            #expect(try await ada.client.post(path).status == 204)
        }
    }

    @Test(arguments: [("/functions/v1/trial_keys", 5), ("/functions/v1/trial_bills", 20)])
    func `the environment's limits count by the minute`(_ path: String, _ most: Int) async throws {
        try await Self.serving { server, clock in
            let person = try await server.person()
            let (count, refusal) = try await Self.admissions(most) { try await person.client.get(path) }
            #expect(count == most)
            let wait = try #require(refusal.header("retry-after").flatMap { Int($0) })
            #expect((1...120).contains(wait))
            clock.advance(by: .seconds(wait))
            #expect(try await person.client.get(path).status == 204)
        }
        // Without STRICT the burst multiplier applies.
        try await Self.serving(["RATE_LIMIT_DISABLED": "false", "RATE_LIMIT_BURST_MULTIPLIER": "3"]) { server, _ in
            let person = try await server.person()
            #expect(try await Self.admissions(most * 3) { try await person.client.get(path) }.count == most * 3)
        }
    }

    @Test(arguments: [("free", 100), ("basic", 300), ("pro", 1_000)])
    func `an organization has its tier's calls, whoever of it makes them`(_ tier: String, _ most: Int) async throws {
        try await Self.serving { server, clock in
            let owner = try await server.person("olga")
            let member = try await server.person("mia", as: .member, in: owner.organization)
            let stranger = try await server.person("sam")
            try await server.node.services.platform.run(
                "insert into lean.organization_limits (organization_id, tier) values (\(owner.organization), \(tier))")
            // Told by a notification, which the next request of each may overtake.
            var answer = try await owner.client.get("/functions/v1/notes_list")
            try await until("the tier is heard of") {
                answer = try await owner.client.get("/functions/v1/notes_list")
                return answer.header("x-ratelimit-limit") == "\(most)"
            }
            let left = try #require(answer.header("x-ratelimit-remaining").flatMap { Int($0) })
            for number in 0..<left {
                let client = number.isMultiple(of: 2) ? owner.client : member.client
                let answer = try await client.get("/functions/v1/notes_list")
                try #require(answer.status == 200, "\(number) of \(left): \(answer.status)")
            }
            let refusal = try await member.client.get("/functions/v1/notes_list")
            #expect(refusal.status == 429)
            #expect(refusal.header("ratelimit-policy") == "\"tier\";q=\(most);w=3600")
            #expect(try await owner.client.get("/functions/v1/notes_list").status == 429)
            #expect(try await stranger.client.get("/functions/v1/notes_list").status == 200)
            // What is no API call goes on.
            #expect(try await owner.client.get("/auth/v1/user").status == 200)
            clock.advance(by: .seconds(7_200))
            #expect(try await owner.client.get("/functions/v1/notes_list").status == 200)
        }
    }

    @Test func `enterprise, a number of one's own, operators and the service key`() async throws {
        try await Self.serving { server, _ in
            let owner = try await server.person("olga")
            let platform = server.node.services.platform
            try await platform.run(
                "insert into lean.organization_limits (organization_id, tier) values (\(owner.organization), 'enterprise')"
            )
            var answer = try await owner.client.get("/functions/v1/notes_list")
            try await until("the tier is heard of") {
                answer = try await owner.client.get("/functions/v1/notes_list")
                return answer.header("ratelimit-policy") != "\"tier\";q=100;w=3600"
            }
            // A thousand a minute are fewer than ten thousand an hour.
            #expect(answer.header("ratelimit-policy") == "\"per-minute\";q=1000;w=60")
            try await platform.run(
                "update lean.organization_limits set requests_per_hour = 7 where organization_id = \(owner.organization)"
            )
            try await until("the number of its own is heard of") {
                answer = try await owner.client.get("/functions/v1/notes_list")
                return answer.header("ratelimit-policy") == "\"tier\";q=7;w=3600"
            }
            #expect(answer.status == 429 || answer.header("x-ratelimit-remaining") != nil)
            try await platform.run("update auth.users set is_super_admin = true where id = \(owner.id)")
            try await until("the operator is known") {
                answer = try await owner.client.get("/functions/v1/notes_list")
                return answer.header("ratelimit") == nil
            }
            #expect(answer.status == 200)
            let service = try await server.service()
            for _ in 0..<1_100 {
                let answer = try await service.get("/functions/v1/organizations_list")
                try #require(answer.status == 403 && answer.header("ratelimit") == nil)
            }
        }
    }
}
