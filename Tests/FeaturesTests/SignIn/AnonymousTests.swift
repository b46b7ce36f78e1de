import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AnonymousTests {
    private static let on = ["EXTERNAL_ANONYMOUS_USERS_ENABLED": "true"]

    private static func claims(_ token: String) throws -> JSON {
        try JSON(parsing: try #require(Base64URL.decode(token.split(separator: ".")[1])))
    }

    private static func anonymous(_ server: TestServer) async throws -> (client: TestClient, answer: JSON) {
        let answer = try await server.visitor.post("/auth/v1/signup", ["data": ["color": "green"]])
        try #require(answer.status == 200, "\(answer.text)")
        let token = try #require(try answer.json["access_token"]?.string)
        return (server.visitor.with("authorization", "Bearer \(token)"), try answer.json)
    }

    @Test func `who is anonymous has a session, an organization and no identity`() async throws {
        try await TestNode.serving(settings: Self.on) { server in
            let (client, answer) = try await Self.anonymous(server)
            let user = try #require(answer["user"])
            #expect(user["is_anonymous"] == true)
            #expect(user["email"] == "")
            #expect(user["identities"] == [])
            #expect(user["app_metadata"] == [:])
            #expect(user["user_metadata"] == ["color": "green"])
            let claims = try Self.claims(try #require(answer["access_token"]?.string))
            #expect(claims["is_anonymous"] == true)
            #expect(claims["role"] == "authenticated")
            #expect(claims["amr"]?.array?.first?["method"] == "anonymous")
            #expect(try await client.post("/functions/v1/notes_write", ["title": "mine"]).status == 201)
            #expect(try await server.visitor.get("/auth/v1/settings").json["external"]?["anonymous_users"] == true)
        }
    }

    @Test(arguments: [[:], ["DISABLE_SIGNUP": "true", "EXTERNAL_ANONYMOUS_USERS_ENABLED": "true"]])
    func `unless they are allowed nobody signs up without an address`(_ settings: [String: String]) async throws {
        try await TestNode.serving(settings: settings) { server in
            let answer = try await server.visitor.post("/auth/v1/signup", [:])
            #expect(answer.status == 422)
            #expect(
                try answer.json["error_code"] == (settings.isEmpty ? "anonymous_provider_disabled" : "signup_disabled"))
            let count: Int = try await server.node.services.platform.one("select count(*) as n from auth.users") {
                try $0["n"]
            }
            #expect(count == 0)
        }
    }

    @Test func `an address without a password is no anonymous person`() async throws {
        try await TestNode.serving(settings: Self.on) { server in
            for body in [
                ["email": "a@example.com"], ["password": "nine harmless whales"], ["email": "", "password": ""],
            ] as [JSON] {
                let answer = try await server.visitor.post("/auth/v1/signup", body)
                #expect(answer.status == 400)
                #expect(try answer.json["error_code"] == "validation_failed")
            }
        }
    }

    @Test func `with an address and a password an anonymous person becomes one who can come back`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: Self.on, clock: clock.wall) { server in
            let (client, answer) = try await Self.anonymous(server)
            _ = try await client.post("/functions/v1/notes_write", ["title": "from before"])
            // There is no password that an old session could be kept from changing.
            clock.advance(by: .seconds(26 * 3_600))
            let alone = try await client.put("/auth/v1/user", ["password": "nine harmless whales"])
            #expect(alone.status == 422)
            #expect(try alone.json["error_code"] == "validation_failed")
            let changed = try await client.put(
                "/auth/v1/user", ["email": "ada@example.com", "password": "nine harmless whales"])
            #expect(changed.status == 200)
            let user = try changed.json
            #expect(user["id"] == answer["user"]?["id"])
            #expect(user["is_anonymous"] == false)
            #expect(user["app_metadata"] == ["provider": "email", "providers": ["email"]])
            #expect(user["identities"]?.array?.count == 1)
            #expect(user["identities"]?.array?.first?["email"] == "ada@example.com")
            let signIn = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": "ada@example.com", "password": "nine harmless whales"])
            #expect(signIn.status == 200)
            let token = try #require(try signIn.json["access_token"]?.string)
            #expect(try Self.claims(token)["is_anonymous"] == false)
            let notes = try await server.visitor.with("authorization", "Bearer \(token)").get(
                "/functions/v1/notes_list")
            #expect(try notes.json["notes"]?.array?.first?["title"] == "from before")
        }
    }

    @Test func `an anonymous person does not take somebody's address`() async throws {
        try await TestNode.serving(settings: Self.on) { server in
            let person = try await server.person()
            let (client, _) = try await Self.anonymous(server)
            let answer = try await client.put(
                "/auth/v1/user", ["email": .string(person.email), "password": "nine harmless whales"])
            #expect(try answer.json["error_code"] == "email_exists")
            // Nor is the password set that stood beside it.
            #expect(try await client.get("/auth/v1/user").json["is_anonymous"] == true)
            let hashes: Int = try await server.node.services.platform.one(
                "select count(*) as n from auth.users where is_anonymous and encrypted_password is not null"
            ) { try $0["n"] }
            #expect(hashes == 0)
        }
    }

    @Test func `an administrator gives an anonymous person an address`() async throws {
        try await TestNode.serving(settings: Self.on) { server in
            let (client, answer) = try await Self.anonymous(server)
            let id = try #require(answer["user"]?["id"]?.string)
            let service = try await server.service()
            let changed = try await service.put(
                "/auth/v1/admin/users/" + id, ["email": "ada@example.com", "email_confirm": true])
            #expect(try changed.json["is_anonymous"] == false)
            #expect(try changed.json["identities"]?.array?.count == 1)
            #expect(try await client.get("/auth/v1/user").json["email"] == "ada@example.com")
        }
    }

    @Test func `an anonymous person deletes their account`() async throws {
        try await TestNode.serving(settings: Self.on) { server in
            let (client, _) = try await Self.anonymous(server)
            let path = "/functions/v1/auth_profile-management/profile"
            let wrong = try await client.send(.DELETE, path, JSON.object(["confirmEmail": "a@example.com"]).encoded())
            #expect(wrong.status == 400)
            let right = try await client.send(
                .DELETE, path, JSON.object(["confirmEmail": "", "deleteData": true]).encoded())
            #expect(right.status == 200)
            #expect(try await client.get("/auth/v1/user").status == 401)
        }
    }
}
