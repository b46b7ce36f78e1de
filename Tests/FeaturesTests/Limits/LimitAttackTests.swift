import Codecs
import Features
import Platform
import TestKit
import Testing

/// What people try against limits.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct LimitAttackTests {
    private static func signIn(
        _ server: TestServer, _ email: String, _ password: String, from address: String
    ) async throws -> TestAnswer {
        try await server.visitor.with("x-forwarded-for", address).post(
            "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(password)])
    }

    @Test func `fifty guesses at once are five`() async throws {
        try await GuideTableTests.serving(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_AUTH": "1000"]) { server, _ in
            let person = try await server.person()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await Self.signIn(server, person.email, "guess \(number)", from: "203.0.113.7").status
                    }
                }
                return try await group.reduce(into: [:] as [Int: Int]) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses[400] == 5)
            #expect(statuses[429] == 45)
        }
    }

    @Test func `twenty right passwords at once block nobody`() async throws {
        try await GuideTableTests.serving(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_AUTH": "1000"]) { server, _ in
            let person = try await server.person()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let answer = try await Self.signIn(
                            server, person.email, TestPerson.password, from: "203.0.113.7")
                        // More than five under way at once may have to wait a second, and no more.
                        #expect(answer.status == 200 || answer.header("retry-after") == "1")
                    }
                }
                try await group.waitForAll()
            }
            for _ in 0..<10 {
                let answer = try await Self.signIn(server, person.email, TestPerson.password, from: "203.0.113.7")
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `an account that is not there is limited just as one that is`() async throws {
        try await GuideTableTests.serving { server, _ in
            let person = try await server.person()
            var known: [String] = []
            var unknown: [String] = []
            for _ in 0..<8 {
                for (email, address) in [(person.email, "203.0.113.7"), ("nobody@example.com", "203.0.113.8")] {
                    let answer = try await Self.signIn(server, email, "wrong", from: address)
                    let seen =
                        "\(answer.status) \(answer.text) \(answer.header("ratelimit") ?? "")"
                        + " \(answer.header("retry-after") ?? "")"
                    if email == person.email { known.append(seen) } else { unknown.append(seen) }
                }
            }
            #expect(known == unknown)
            #expect(known[5].hasPrefix("429"))
        }
    }

    @Test func `another spelling of the account or the address is the same one`() async throws {
        try await GuideTableTests.serving { server, _ in
            let person = try await server.person()
            let spellings = [person.email, person.email.uppercased(), " \(person.email) "]
            let addresses = ["2001:db8::1", "2001:db8:0:0:1::", "2001:0db8::2"]
            for number in 0..<5 {
                let answer = try await Self.signIn(
                    server, spellings[number % 3], "wrong", from: addresses[number % 3])
                #expect(answer.status == 400)
            }
            for spelling in spellings {
                #expect(try await Self.signIn(server, spelling, "wrong", from: "2001:db8::9").status == 429)
            }
            #expect(try await Self.signIn(server, person.email, "wrong", from: "2001:db8:0:1::1").status == 400)
        }
    }

    @Test func `one password sprayed over many accounts meets the limit of the address`() async throws {
        try await GuideTableTests.serving { server, clock in
            let attempts = try await GuideTableTests.admissions(10) {
                try await Self.signIn(server, "\(ID<Person>().text)@example.com", "123456", from: "203.0.113.7")
            }
            #expect(attempts.count == 10)
            #expect(attempts.refusal.header("ratelimit-policy") == "\"auth\";q=10;w=60")
            #expect(try await Self.signIn(server, "a@example.com", "123456", from: "203.0.113.8").status == 400)
        }
    }

    @Test func `tokens that are not good are counted by address`() async throws {
        try await GuideTableTests.serving(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "20"]) { server, _ in
            let forger = server.visitor.with("authorization", "Bearer forged")
            let attempts = try await GuideTableTests.admissions(20) {
                try await forger.get("/functions/v1/notes_list")
            }
            #expect(attempts.count == 20)
            #expect(attempts.refusal.header("ratelimit-policy") == "\"per-minute\";q=20;w=60")
        }
    }

    @Test func `an address that a client made up is not believed`() async throws {
        let settings = ["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "5", "TRUSTED_PROXIES": "192.0.2.0/24"]
        try await GuideTableTests.serving(settings) { server, _ in
            var number = 0
            let attempts = try await GuideTableTests.admissions(5) {
                number += 1
                return try await server.visitor.with("x-forwarded-for", "203.0.113.\(number)").get(
                    "/functions/v1/trial_open")
            }
            #expect(attempts.count == 5)
        }
    }

    @Test func `a violation is one security event and no address in it, however many requests`() async throws {
        try await GuideTableTests.serving(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "5"]) { server, _ in
            for _ in 0..<50 { _ = try await server.visitor.get("/functions/v1/trial_open") }
            let metrics = server.node.services.metrics
            #expect(metrics.value(of: "leansaas_events_total", ["event": "rate_limit_violations"]) == 1)
            let text = await metrics.exposition()
            #expect(text.contains("leansaas_limits_refused_total{limit=\"per-minute\"} 45"))
            #expect(text.contains("leansaas_limits_admitted_total{limit=\"per-minute\"} 5"))
            #expect(!text.contains("127.0.0.1"))
        }
    }

    @Test func `the browser may read the headers`() async throws {
        try await GuideTableTests.serving { server, _ in
            let answer = try await server.visitor.with("origin", "http://localhost:3000").get(
                "/functions/v1/trial_open")
            let exposed = answer.header("access-control-expose-headers") ?? ""
            for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "retry-after"]
            {
                #expect(exposed.contains(name))
                #expect(name == "retry-after" || answer.header(name) != nil)
            }
        }
    }
}
