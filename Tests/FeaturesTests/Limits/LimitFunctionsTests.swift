import Codecs
import Postgres
import TestKit
import Testing

/// The earlier edition's functions in SQL (requirements 2.2).
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct LimitFunctionsTests {
    private static func check(_ database: Database, _ sql: SQL) async throws -> JSON {
        try await database.one(sql) { row in
            let text: String = try row["answer"]
            return try JSON(parsing: Array(text.utf8))
        }
    }

    @Test(arguments: ["sliding_window", "fixed_window", "token_bucket"])
    func `as many are allowed as the limit says, and the next is not`(_ type: String) async throws {
        let platform = try await TestNode.make().services.platform
        for left in (0..<3).reversed() {
            let answer = try await Self.check(
                platform, "select public.check_rate_limit('10.0.0.1', 'ip', 3, 3600, \(type))::text as answer")
            #expect(answer["allowed"]?.bool == true)
            #expect(answer["remaining"]?.int == left)
            #expect(answer["limit"]?.int == 3)
            #expect(answer["window_size_seconds"]?.int == 3_600)
            #expect(answer["reset_time"]?.string != nil)
        }
        let refused = try await Self.check(
            platform, "select public.check_rate_limit('10.0.0.1', 'ip', 3, 3600, \(type))::text as answer")
        #expect(refused["allowed"]?.bool == false)
        #expect(refused["remaining"]?.int == 0)
        // Another's count is another's.
        let other = try await Self.check(
            platform, "select public.check_rate_limit('10.0.0.2', 'ip', 3, 3600, \(type))::text as answer")
        #expect(other["allowed"]?.bool == true)
    }

    @Test func `many at once get the limit exactly`() async throws {
        let platform = try await TestNode.make().services.platform
        let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    let answer = try await Self.check(
                        platform,
                        "select public.check_rate_limit('shared', 'global', 20, 3600, 'fixed_window')::text as answer")
                    return answer["allowed"]?.bool == true
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(allowed == 20)
    }

    @Test func `reset forgets, and cleaning takes what has expired`() async throws {
        let platform = try await TestNode.make().services.platform
        for number in 0..<5 {
            _ = try await Self.check(
                platform, "select public.check_rate_limit(\("id \(number)"), 'user', 1, 1)::text as answer")
        }
        let gone: Int = try await platform.one("select public.reset_rate_limit('id 0', 'user') as gone") {
            try $0["gone"]
        }
        #expect(gone == 1)
        let again = try await Self.check(
            platform, "select public.check_rate_limit('id 0', 'user', 1, 1)::text as answer")
        #expect(again["allowed"]?.bool == true)
        var cleaned = 0
        try await until("the rows expire") {
            cleaned += try await platform.one("select public.cleanup_expired_rate_limits() as gone") { try $0["gone"] }
            return cleaned >= 5
        }
        #expect(cleaned == 5)
    }

    @Test func `nobody but servers may call them, and bad arguments are refused`() async throws {
        let admin = try await TestDatabase.current.pool(as: "postgres")
        for (role, mayCall) in [
            ("anon", false), ("authenticated", false), ("authenticator", false), ("service_role", true),
            ("lean_platform", true),
        ] {
            for signature in [
                "public.check_rate_limit(text, text, integer, integer, text)", "public.reset_rate_limit(text, text)",
                "public.cleanup_expired_rate_limits()",
            ] {
                let may: Bool = try await admin.one(
                    "select has_function_privilege(\(role), \(signature), 'execute') as may"
                ) { try $0["may"] }
                #expect(may == mayCall, "\(role) \(signature)")
            }
            let sees: Bool = try await admin.one(
                "select has_table_privilege(\(role), 'lean.rate_limits', 'insert') as sees"
            ) { try $0["sees"] }
            #expect(!sees, "\(role)")
        }
        let unpinned: Int = try await admin.one(
            """
            select count(*)::int as count from pg_proc p
            where p.proname in ('check_rate_limit', 'reset_rate_limit', 'cleanup_expired_rate_limits')
              and not coalesce(p.proconfig @> array['search_path=""'], false)
            """
        ) { try $0["count"] }
        #expect(unpinned == 0)
        await admin.close()
        let platform = try await TestNode.make().services.platform
        for bad: SQL in [
            "select public.check_rate_limit('x', 'nobody', 1, 1) as answer",
            "select public.check_rate_limit('x', 'ip', 0, 1) as answer",
            "select public.check_rate_limit('x', 'ip', 1, 0) as answer",
            "select public.check_rate_limit('', 'ip', 1, 1) as answer",
            "select public.check_rate_limit('x', 'ip', 1, 1, 'guess') as answer",
        ] {
            await #expect(throws: DatabaseError.self) { try await platform.run(bad) }
        }
    }
}
