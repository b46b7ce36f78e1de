import Features
import Foundation
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// What has ended is not kept for longer than the schema declares.
@Suite(.freshDatabase, .timeLimit(.minutes(5))) struct ForgetEndedTests {
    private func counts(_ services: Services) async throws -> [Int] {
        try await services.platform.one(
            """
            select (select count(*) from auth.one_time_tokens)::int4 as links,
                (select count(*) from auth.flow_state)::int4 as flows,
                (select count(*) from auth.sessions)::int4 as sessions,
                (select count(*) from auth.refresh_tokens)::int4 as tokens
            """
        ) { [try $0["links"], try $0["flows"], try $0["sessions"], try $0["tokens"]] }
    }

    @Test func `links go after a day, used tokens after thirty, and what stands stays`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: ["RATE_LIMIT_DISABLED": "true"], clock: clock.wall) { server in
            let services = server.node.services
            let person = try await server.person()
            _ = try await server.visitor.post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
            _ = try await server.visitor.post(
                "/auth/v1/otp",
                [
                    "email": "ada@example.com", "code_challenge": .string(String(repeating: "c", count: 43)),
                    "code_challenge_method": "plain",
                ])
            _ = try await server.letter(to: "ada@example.com")
            #expect(try await counts(services) == [1, 1, 1, 2])
            clock.advance(by: .seconds(2 * 86_400 + 3_600))
            try await until("links are forgotten") { try await counts(services) == [0, 0, 1, 2] }
            clock.advance(by: .seconds(30 * 86_400))
            try await until("used tokens are forgotten") { try await counts(services) == [0, 0, 1, 1] }
        }
    }
}
