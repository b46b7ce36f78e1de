import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SignUpTests {
    @Test func `a new person gets tokens, a user and a personal organization`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.post(
                "/auth/v1/signup",
                ["email": " Ada@Example.com ", "password": "correct horse", "data": ["name": "Ada"]])
            #expect(answer.status == 200)
            let json = try answer.json
            #expect(json["token_type"] == "bearer")
            #expect(json["user"]?["email"] == "ada@example.com")
            #expect(json["user"]?["user_metadata"]?["name"] == "Ada")
            #expect(json["user"]?["identities"]?.array?.first?["provider"] == "email")
            #expect(!answer.text.contains("encrypted_password"))
            let roles: [String] = try await server.node.services.platform.all(
                """
                select m.role from public.organization_members m
                join public.organizations o on o.id = m.organization_id where o.is_personal
                """
            ) { try $0["role"] }
            #expect(roles == ["owner"])
        }
    }

    @Test func `neither passwords nor tokens stand in the database as they are`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let platform = server.node.services.platform
            let hash: String = try await platform.one(
                "select encrypted_password from auth.users where id = \(person.id)"
            ) { try $0["encrypted_password"] }
            #expect(hash.hasPrefix("$2b$"))
            let tokens: [String] = try await platform.all("select token from auth.refresh_tokens") { try $0["token"] }
            #expect(tokens.count == 1)
            #expect(!tokens.contains(person.refreshToken))
        }
    }

    @Test func `an address that is taken is told so with GoTrue's code`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let again = try await server.visitor.post(
                "/auth/v1/signup", ["email": .string(person.email.uppercased()), "password": "another password"])
            #expect(again.status == 422)
            #expect(try again.json["error_code"] == "user_already_exists")
        }
    }

    @Test func `where addresses are confirmed by mail a known address looks like a new one`() async throws {
        try await TestNode.serving(settings: ["MAILER_AUTOCONFIRM": "false"]) { server in
            let body: JSON = ["email": "eve@example.com", "password": "correct horse"]
            let first = try await server.visitor.post("/auth/v1/signup", body)
            let second = try await server.visitor.post("/auth/v1/signup", body)
            #expect(first.status == 200)
            #expect(second.status == 200)
            #expect(try first.json["access_token"] == nil)
            #expect(try second.json["email"] == "eve@example.com")
            let signIn = try await server.visitor.post("/auth/v1/token?grant_type=password", body)
            #expect(try signIn.json["error_code"] == "email_not_confirmed")
        }
    }

    @Test(arguments: [
        ("no at sign", "example.com"), ("two", "a@b@example.com"), ("a space", "a b@example.com"),
        ("no domain", "a@"), ("markup", "<a@example.com"), ("a line break", "a\r\nbcc:x@example.com"),
    ])
    func `what is no address is refused`(_ name: String, _ email: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.post(
                "/auth/v1/signup", ["email": .string(email), "password": "correct horse"])
            #expect(answer.status == 400)
            #expect(try answer.json["error_code"] == "validation_failed")
            #expect(!answer.text.contains(email))
        }
    }

    @Test func `a password has at least 8 characters and at most 72 bytes`() async throws {
        try await TestNode.serving { server in
            func signUp(_ password: String, _ name: String) async throws -> TestAnswer {
                try await server.visitor.post(
                    "/auth/v1/signup", ["email": .string("\(name)@example.com"), "password": .string(password)])
            }
            let short = try await signUp("xq7#kw ", "short")
            #expect(short.status == 422)
            #expect(try short.json["error_code"] == "weak_password")
            #expect(try short.json["weak_password"]?["reasons"] == ["length"])
            #expect(try await signUp("xq7#kw z", "least").status == 200)
            #expect(try await signUp(String(repeating: "a", count: 72), "most").status == 200)
            #expect(try await signUp(String(repeating: "a", count: 73), "long").status == 400)
            #expect(try await signUp(String(repeating: "é", count: 37), "bytes").status == 400)
            #expect(try await signUp("12345678\0", "nul").status == 400)
        }
    }

    @Test func `fields that were not asked for are not assigned`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.visitor.post(
                "/auth/v1/signup",
                [
                    "email": "mallory@example.com", "password": "correct horse", "role": "service_role",
                    "is_super_admin": true, "app_metadata": ["role": "admin"],
                    "id": "00000000-0000-0000-0000-000000000001",
                ])
            #expect(answer.status == 200)
            let user = try #require(try answer.json["user"])
            #expect(user["role"] == "authenticated")
            #expect(user["app_metadata"]?["role"] == nil)
            #expect(user["id"] != "00000000-0000-0000-0000-000000000001")
            let operators: Int = try await server.node.services.platform.one(
                "select count(*) as n from auth.users where is_super_admin"
            ) { try $0["n"] }
            #expect(operators == 0)
        }
    }
}
