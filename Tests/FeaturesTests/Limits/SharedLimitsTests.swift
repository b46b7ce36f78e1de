import Codecs
import Features
import Platform
import TestKit
import Testing

/// Limits of two nodes that share a Redis.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SharedLimitsTests {
    private static func two(
        _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (TestServer, TestServer, TestRedis) async throws -> Void
    ) async throws {
        try await TestRedis.running { redis in
            let settings = [
                "RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "1000000", "REDIS_COMMAND_TIMEOUT": "10000",
            ]
            .merging(redis.settings) { $1 }
            .merging(settings) { $1 }
            try await TestNode.serving(settings: settings, features: GuideTableTests.features) { one in
                try await TestNode.serving(settings: settings, features: GuideTableTests.features) { two in
                    for node in [one, two] {
                        try await until("the nodes know of each other") {
                            node.node.services.limits.sharesCounts == true && node.node.services.limits.nodes == 2
                        }
                    }
                    try await body(one, two, redis)
                }
            }
        }
    }

    /// How often each status came.
    private static func flood(
        _ servers: [TestServer], _ address: String, _ requests: Int, clients: Int = 50
    ) async throws -> [Int: Int] {
        try await withThrowingTaskGroup(of: [Int: Int].self) { group in
            for number in 0..<clients {
                group.addTask {
                    let client = servers[number % servers.count].visitor.with("x-forwarded-for", address)
                    var own: [Int: Int] = [:]
                    for _ in 0..<(requests / clients) {
                        own[try await client.get("/functions/v1/trial_open").status, default: 0] += 1
                    }
                    return own
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        }
    }

    /// What one window lets in within a hundredth, and a little more where the hour ends in the middle of a test.
    private static let oneLimit = 1_000...1_015

    @Test func `the requests of fifty clients on two nodes get the thousand of one`() async throws {
        try await Self.two { one, two, _ in
            let statuses = try await Self.flood([one, two], "203.0.113.1", 3_000)
            #expect(Self.oneLimit.contains(statuses[204] ?? 0))
            #expect(Set(statuses.keys) == [204, 429])
        }
    }

    @Test func `a guesser who is blocked on one node is blocked on the other, and a reset ends it on both`()
        async throws
    {
        try await Self.two { one, two, _ in
            let person = try await one.person()
            @Sendable func guess(_ server: TestServer) async throws -> TestAnswer {
                try await server.visitor.with("x-forwarded-for", "203.0.113.7").post(
                    "/auth/v1/token?grant_type=password", ["email": .string(person.email), "password": "wrong"])
            }
            for number in 0..<5 { #expect(try await guess(number.isMultiple(of: 2) ? one : two).status == 400) }
            for server in [one, two] {
                let answer = try await guess(server)
                #expect(answer.status == 429)
                #expect(answer.header("retry-after").flatMap { Int($0) }.map { (800...900).contains($0) } == true)
            }
            let subject = try #require(LimitSubject("account:\(person.email),203.0.113.7"))
            let shown = try await LimitsSwitch.show(subject, one.node.services)
            #expect(shown.map { $0.map(\.limit) } == [["/auth/login"]])
            #expect(shown[0][0].held == 5)
            #expect(shown[0][0].blockedSeconds > 800)
            try await LimitsSwitch.reset(subject, one.node.services)
            for server in [one, two] {
                try await until("the reset is heard of") { try await guess(server).status == 400 }
            }
        }
    }

    @Test func `wrong passwords for one account on two nodes are counted together, and its letter lifts it on both`()
        async throws
    {
        try await Self.two(["RATE_LIMIT_AUTH": "1000"]) { one, two, _ in
            let person = try await one.person(from: "198.51.100.1")
            @Sendable func attempt(_ password: String, from address: String, _ server: TestServer) async throws -> Int {
                try await server.visitor.with("x-forwarded-for", address).post(
                    "/auth/v1/token?grant_type=password",
                    ["email": .string(person.email), "password": .string(password)]
                ).status
            }
            for number in 0..<50 {
                let server = number.isMultiple(of: 2) ? one : two
                #expect(try await attempt("wrong", from: "192.0.2.\(number / 5 + 1)", server) == 400)
            }
            for server in [one, two] {
                #expect(try await attempt(TestPerson.password, from: "203.0.113.1", server) == 403)
            }
            try await one.untilIdle()
            let letter = try #require(try await one.letters(to: person.email, of: "unlock").first)
            let used = try await two.visitor.with("x-forwarded-for", "203.0.113.1").post(
                "/auth/v1/verify",
                ["type": "magiclink", "email": .string(person.email), "token": .string(try #require(letter.code))])
            #expect(used.status == 200)
            for server in [one, two] {
                #expect(try await attempt(TestPerson.password, from: "203.0.113.1", server) == 200)
            }
        }
    }

    @Test func `while Redis is gone each node lets in its share, sign-in is closed, and all comes back by itself`()
        async throws
    {
        try await Self.two { one, two, redis in
            try await redis.crash()
            for address in ["203.0.113.21", "203.0.113.22"] { _ = try await Self.flood([one, two], address, 100) }
            let statuses = try await Self.flood([one, two], "203.0.113.2", 2_000)
            #expect(Self.oneLimit.contains(statuses[204] ?? 0))
            #expect(Set(statuses.keys) == [204, 429])
            let person = try await one.visitor.post(
                "/auth/v1/token?grant_type=password", ["email": "ada@example.com", "password": "wrong"])
            #expect(person.status == 503)
            #expect(person.header("retry-after") != nil)
            for server in [one, two] {
                let metrics = server.node.services.metrics
                #expect(metrics.value(of: "leansaas_events_total", ["event": "limits.degraded"]) == 1)
                #expect(metrics.value(of: "leansaas_events_total", ["event": "limits.restored"]) == 0)
                try await until("Redis' loss is told, once") {
                    metrics.value(of: "leansaas_events_total", ["event": "redis.lost"]) == 1
                }
            }
            try await redis.launch()
            for server in [one, two] {
                try await until("the node counts with the other again") {
                    server.node.services.limits.sharesCounts == true
                }
                let metrics = server.node.services.metrics
                try await until("it is told") {
                    metrics.value(of: "leansaas_events_total", ["event": "limits.restored"]) == 1
                        && metrics.value(of: "leansaas_events_total", ["event": "redis.back"]) == 1
                }
            }
            let again = try await Self.flood([one, two], "203.0.113.3", 2_000)
            #expect(Self.oneLimit.contains(again[204] ?? 0))
        }
    }

    @Test func `far from its limit nobody waits for Redis, which is told later`() async throws {
        try await Self.two { one, two, redis in
            let address = try #require(LimitSubject("address:203.0.113.5"))
            redis.pause()
            for server in [one, two] {
                let answer = try await server.visitor.with("x-forwarded-for", "203.0.113.5").get(
                    "/functions/v1/trial_open")
                #expect(answer.status == 204)
                #expect(answer.header("ratelimit")?.hasPrefix("\"global\";r=999;t=") == true)
                #expect(server.node.services.limits.sharesCounts == true)
            }
            redis.resume()
            try await until("Redis has heard of both") {
                let reports = try await one.node.services.limits.report(on: address)
                return reports.first { $0.limit == "global" }?.held == 2
            }
            try await until("each node has heard of the other's") {
                let answer = try await one.visitor.with("x-forwarded-for", "203.0.113.5").get(
                    "/functions/v1/trial_open")
                let left = answer.header("x-ratelimit-remaining").flatMap { Int($0) } ?? 0
                let used = try await two.node.services.limits.report(on: address).first { $0.limit == "global" }
                return left <= 1_000 - (used?.held ?? 0) && left <= 997
            }
        }
    }

    @Test func `whoever is refused again and again costs Redis next to nothing`() async throws {
        try await Self.two { one, _, redis in
            _ = try await Self.flood([one], "203.0.113.6", 1_100)
            let before = try await redis.calls()
            let statuses = try await Self.flood([one], "203.0.113.6", 500, clients: 1)
            #expect(statuses == [429: 500])
            let after = try await redis.calls()
            #expect(after - before < 100)
        }
    }

    @Test func `a Redis that hangs costs no request its answer`() async throws {
        try await Self.two(["REDIS_COMMAND_TIMEOUT": "1000"]) { one, two, redis in
            redis.pause()
            let statuses = try await Self.flood([one, two], "203.0.113.4", 500)
            #expect(statuses == [204: 500])
            #expect(one.node.services.limits.sharesCounts == false)
            redis.resume()
            for server in [one, two] {
                try await until("the node counts with the other again") {
                    server.node.services.limits.sharesCounts == true
                }
            }
        }
    }
}

extension TestRedis {
    /// Scripts that it was asked to run by their names.
    fileprivate func calls() async throws -> Int {
        let text = try await client { client in
            try await client.send(["info", "commandstats"], key: nil, within: nil, isRepeatable: true).text
        }
        let count = text?.split(separator: "cmdstat_evalsha:calls=").last?.prefix { $0.isNumber }
        return count.flatMap { Int($0) } ?? 0
    }
}
