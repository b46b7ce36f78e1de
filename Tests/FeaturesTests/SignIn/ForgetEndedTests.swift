import Features
import Foundation
import LeanSaaS
import Postgres
import TestKit
import Testing

@testable import Platform

/// What has ended is not kept for longer than the schema declares.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ForgetEndedTests {
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
            clock.advance(by: .seconds(30 * 86_400))
            try await until("nobody came back") { try await counts(services) == [0, 0, 0, 0] }
        }
    }

    private func clean(_ node: Node) async throws {
        for job in node.product.jobs where job.name.contains("forget") {
            try await job.body(Data(), JobRun(id: UUID().uuidString, attempt: 1, services: node.services))
        }
    }

    @Test func `a session that nobody came back to goes with its tokens, and none that is used`() async throws {
        try await TestNode.serving(settings: ["REFRESH_TOKEN_EXPIRY": "604800"]) { server in
            let platform = server.node.services.platform
            let ada = try await server.person("ada")
            // Days since each was opened, refreshed and last seen.
            let histories: [(Int, Int?, Int?)] = [
                (36, nil, nil), (38, nil, nil), (90, 38, nil), (90, 38, 2), (90, 2, nil),
            ]
            for (opened, refreshed, seen) in histories {
                _ = try await server.again(ada)
                try await platform.run(
                    """
                    update auth.sessions set created_at = now() - \(opened) * interval '1 day', updated_at = now(),
                        refreshed_at = (now() - \(refreshed)::int * interval '1 day') at time zone 'utc',
                        seen_at = now() - \(seen)::int * interval '1 day'
                    where id = (select id from auth.sessions order by created_at desc limit 1)
                    """)
            }
            try await clean(server.node)
            #expect(try await counts(server.node.services) == [0, 0, 4, 4])
            #expect(try await ada.client.get("/auth/v1/user").status == 200)
        }
    }

    @Test func `rows are deleted slice by slice, all that fit and none else`() async throws {
        let platform = try await TestNode.make().services.platform
        try await platform.run(
            """
            insert into lean.mail_reports (id, kind, at)
            select number::text, 'email.delivered', now() - case when number <= 25 then interval '1 day' else interval '0' end
            from generate_series(1, 40) number
            """)
        try await platform.deleteInSlices(from: "lean.mail_reports", where: "at < now() - interval '1 hour'", of: 10)
        let left: Int = try await platform.one("select count(*) as rows from lean.mail_reports") { try $0["rows"] }
        #expect(left == 15)
    }

    @Test func `a row that is changed meanwhile is asked again`() async throws {
        let platform = try await TestNode.make(settings: ["JOBS_CONCURRENCY": "0"]).services.platform
        try await platform.run(
            "insert into lean.jobs (kind, input, state, died_at) values ('a', '{}', 'dead', now() - interval '1 year')")
        let deletion = try await platform.transaction { transaction in
            try await transaction.run("update lean.jobs set state = 'waiting', died_at = null")
            let deletion = Task { try await platform.deleteInSlices(from: "lean.jobs", where: "state = 'dead'") }
            try await until("the deletion waits for the row") {
                try await platform.one(
                    """
                    select exists (select 1 from pg_stat_activity
                        where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0) as waits
                    """
                ) { try $0["waits"] }
            }
            return deletion
        }
        try await deletion.value
        let left: Int = try await platform.one("select count(*) as rows from lean.jobs") { try $0["rows"] }
        #expect(left == 1, "an operator began it anew")
    }
}
