import Codecs
import Features
import Platform
import TestKit
import Testing

/// `leansaas limits`, on nodes that keep their counts in memory.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct LimitsSwitchTests {
    private static func guess(_ server: TestServer, _ email: String) async throws -> Int {
        try await server.visitor.with("x-forwarded-for", "203.0.113.7").post(
            "/auth/v1/token?grant_type=password", ["email": .string(email), "password": "wrong"]
        ).status
    }

    @Test func `what each node remembers is shown, and a reset ends blocks on all of them`() async throws {
        try await TestNode.serving(settings: GuideTableTests.strict) { one in
            try await TestNode.serving(settings: GuideTableTests.strict) { two in
                let person = try await one.person()
                for server in [one, two] {
                    for _ in 0..<5 { _ = try await Self.guess(server, person.email) }
                    #expect(try await Self.guess(server, person.email) == 429)
                }
                let subject = try #require(LimitSubject("account:\(person.email),203.0.113.7"))
                let services = try await TestNode.make(settings: GuideTableTests.strict)
                services.services.limits.learn(services.product.routes)
                let shown = try await LimitsSwitch.show(subject, services.services)
                #expect(shown.count == 2)
                for reports in shown {
                    #expect(reports.map(\.limit) == ["/auth/login"])
                    #expect(reports[0].held == 5)
                    #expect((890...900).contains(reports[0].blockedSeconds))
                }
                // Another's reset changes nothing.
                let other = try #require(LimitSubject("account:\(person.email),203.0.113.8"))
                try await LimitsSwitch.reset(other, services.services)
                #expect(try await Self.guess(one, person.email) == 429)
                try await LimitsSwitch.reset(subject, services.services)
                for server in [one, two] {
                    try await until("the reset is heard of") { try await Self.guess(server, person.email) == 400 }
                }
                await services.services.database.close()
            }
        }
    }

    @Test func `a subject is written in one of five ways`() {
        let id = "8f1c5c8e-0d3b-4a55-9c39-2f1f3f0a7a11"
        #expect(LimitSubject("address:2001:db8:0::1") == .address("2001:db8::1"))
        #expect(LimitSubject("person:\(id)")?.kind == .person)
        #expect(LimitSubject("organization:\(id)")?.kind == .organization)
        #expect(LimitSubject("account:Ada@Example.com,10.0.0.1") == .account("ada@example.com", at: "10.0.0.1"))
        #expect(LimitSubject("account:Ada@Example.com") == .accountAnywhere("ada@example.com"))
        for bad in ["", "address", "address:", "address:300.0.0.1", "person:x", "account:", "account:a,b", "x:y"] {
            #expect(LimitSubject(bad) == nil, "\(bad)")
        }
    }
}
