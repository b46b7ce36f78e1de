import Codecs
import Platform
import Postgres
import TestKit
import Testing

@testable import Features

/// HOOK_CUSTOM_ACCESS_TOKEN_URI: what a function of the product's own adds to access tokens, and what it cannot.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AccessTokenHookTests {
    private static let settings = [
        "HOOK_CUSTOM_ACCESS_TOKEN_ENABLED": "true",
        "HOOK_CUSTOM_ACCESS_TOKEN_URI": "pg-functions://postgres/public/custom_claims",
    ]

    private static func claims(_ answer: TestAnswer) throws -> JSON {
        let token = try #require(try answer.json["access_token"]?.string)
        return try JSON(parsing: try #require(Base64URL.decode(token.split(separator: ".")[1])))
    }

    /// Makes the function anew: `body` is plpgsql over `event`.
    private static func hook(_ body: SQL) async throws {
        let admin = try await TestDatabase.current.pool(as: "postgres")
        try await admin.run(body)
        await admin.close()
    }

    private static let addRole: SQL = """
        create or replace function public.custom_claims(event jsonb) returns jsonb language plpgsql stable as $$
        begin
            return jsonb_set(event, '{claims,user_role}', to_jsonb('editor by ' || (event ->> 'authentication_method')));
        end $$
        """

    private static func signUp(_ server: TestServer, _ name: String = "ada") async throws -> TestAnswer {
        try await server.visitor.post(
            "/auth/v1/signup", ["email": .string("\(name)@example.com"), "password": "nine harmless whales"])
    }

    private static func refresh(_ server: TestServer, _ answer: TestAnswer) async throws -> TestAnswer {
        try await server.visitor.post(
            "/auth/v1/token?grant_type=refresh_token", ["refresh_token": try answer.json["refresh_token"] ?? .null])
    }

    @Test func `what the function adds is in every token, and nothing else changes`() async throws {
        try await Self.hook(Self.addRole)
        try await TestNode.serving(settings: Self.settings) { server in
            let first = try await Self.signUp(server)
            let claims = try Self.claims(first)
            #expect(claims["user_role"] == "editor by password")
            #expect(claims["sub"] == (try first.json["user"]?["id"]))
            let second = try await Self.refresh(server, first)
            #expect(try Self.claims(second)["user_role"] == "editor by token_refresh")
            let token = try #require(try second.json["access_token"]?.string)
            let client = server.visitor.with("authorization", "Bearer \(token)")
            #expect(try await client.get("/functions/v1/notes_list").status == 200)
            try await until("the node is ready") { try await server.visitor.get("/readyz").status == 200 }
        }
    }

    @Test(arguments: [
        ("another person", "jsonb_set(event, '{claims,sub}', '\"11111111-2222-4333-8444-555555555555\"')"),
        ("another role", "jsonb_set(event, '{claims,role}', '\"service_role\"')"),
        ("another session", "jsonb_set(event, '{claims,session_id}', '\"11111111-2222-4333-8444-555555555555\"')"),
        ("another organization", "jsonb_set(event, '{claims,org_id}', '\"11111111-2222-4333-8444-555555555555\"')"),
        ("another rank", "jsonb_set(event, '{claims,org_role}', '\"admin\"')"),
        ("another audience", "jsonb_set(event, '{claims,aud}', '\"elsewhere\"')"),
        ("another assurance", "jsonb_set(event, '{claims,aal}', '\"aal3\"')"),
        ("a longer life", "jsonb_set(event, '{claims,exp}', '4000000000')"),
        ("a life that is over", "jsonb_set(event, '{claims,exp}', '1')"),
        ("no end", "event #- '{claims,exp}'"),
        ("nobody", "event #- '{claims,sub}'"),
        ("no claims", "'{}'"),
        ("nothing", "null"),
        ("a list", "'{\"claims\": []}'"),
        ("a megabyte", "jsonb_set(event, '{claims,x}', to_jsonb(repeat('x', 5000)))"),
        ("an error", "to_jsonb(1 / 0)"),
    ])
    func `a function that would make a token of its own makes none`(_ name: String, _ expression: String) async throws {
        let admin = try await TestDatabase.current.pool(as: "postgres")
        try await admin.run("create table public.expressions (text text)")
        try await admin.run("insert into public.expressions values (\(expression))")
        try await admin.run("grant select on public.expressions to lean_platform")
        await admin.close()
        try await Self.hook(
            """
            create function public.custom_claims(event jsonb) returns jsonb language plpgsql as $$
            declare answer jsonb;
            begin
                execute 'select (' || (select text from public.expressions) || ')::jsonb from (select $1 as event) e'
                    into answer using event;
                return answer;
            end $$
            """)
        try await TestNode.serving(settings: Self.settings) { server in
            let answer = try await Self.signUp(server)
            #expect(answer.status == 500, "\(name)")
            #expect(try answer.json["error_code"] == "unexpected_failure")
            #expect(try answer.json["access_token"] == nil)
            let sessions: Int = try await server.node.services.platform.one("select count(*) as n from auth.sessions") {
                try $0["n"]
            }
            #expect(sessions == 0, "\(name)")
        }
    }

    @Test func `a function that refuses says why`() async throws {
        try await Self.hook(
            """
            create function public.custom_claims(event jsonb) returns jsonb language sql as $$
                select '{"error": {"http_code": 403, "message": "Only from Mondays on."}}'::jsonb
            $$
            """)
        try await TestNode.serving(settings: Self.settings) { server in
            let answer = try await Self.signUp(server)
            #expect(answer.status == 403)
            #expect(try answer.json["error_code"] == "hook_rejected")
            #expect(try answer.json["msg"] == "Only from Mondays on.")
        }
    }

    @Test func `a function that fails or hangs signs nobody out who is in`() async throws {
        try await Self.hook(Self.addRole)
        let clock = ManualClock()
        try await TestNode.serving(settings: Self.settings, clock: clock.wall) { server in
            let first = try await Self.signUp(server)
            try await Self.hook(
                """
                create or replace function public.custom_claims(event jsonb) returns jsonb language plpgsql as $$
                begin
                    perform pg_sleep(60);
                    return event;
                end $$
                """)
            let hung = try await Self.refresh(server, first)
            #expect(hung.status == 422)
            #expect(try hung.json["error_code"] == "hook_timeout")
            // Long after the interval in which a used token may come again: this one was not used.
            clock.advance(by: .seconds(3_600))
            try await Self.hook(Self.addRole)
            let later = try await Self.refresh(server, first)
            #expect(later.status == 200)
            clock.advance(by: .seconds(60))
            let stolen = try await Self.refresh(server, first)
            #expect(try stolen.json["error_code"] == "refresh_token_already_used")
            #expect(try await Self.refresh(server, later).status == 400)
        }
    }

    @Test func `health tells of a function that is not there`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            try await until("health knows") {
                try await server.visitor.get("/functions/v1/core_health-check").json["services"]?["auth"]?["status"]
                    == "error"
            }
            try await Self.hook(Self.addRole)
            try await until("health knows") {
                try await server.visitor.get("/functions/v1/core_health-check").json["services"]?["auth"]?["status"]
                    == "ok"
            }
        }
    }

    @Test(arguments: [
        "", "custom_claims", "pg-functions://postgres/public", "https://example.com/a/b",
        "pg-functions://postgres/a/b/c",
        "pg-functions://postgres/public/x;drop", "pg-functions://postgres/public/a\"b", "pg-functions:///public/x",
        "pg-functions://postgres/public/1x",
    ])
    func `an address that names no function is none`(_ uri: String) {
        #expect(AccessTokenHook(uri: uri) == nil)
    }
}
