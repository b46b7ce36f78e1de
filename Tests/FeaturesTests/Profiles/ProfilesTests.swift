import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ProfilesTests {
    static let path = "/functions/v1/auth_profile-management/profile"

    private static func profile(_ client: TestClient) async throws -> JSON {
        let answer = try await client.get(path)
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(try answer.json["profile"])
    }

    @Test func `everybody has a profile from the first moment`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            let answer = try await ada.client.get(Self.path)
            #expect(answer.status == 200)
            #expect(try answer.json["timestamp"]?.string != nil)
            let profile = try await Self.profile(ada.client)
            #expect(profile["id"] == .string(ada.id.text))
            #expect(profile["email"] == .string(ada.email))
            #expect(profile["name"] == .null && profile["avatar_url"] == .null && profile["metadata"] == [:])
            #expect(profile["role"] == "admin")
            #expect(profile["permissions"]?.array?.contains("profile:update") == true)
            #expect(profile["preferences"]?["theme"] == "system")
            #expect(profile["preferences"]?["notifications"] == ["email": true, "push": true, "marketing": false])
        }
    }

    @Test func `what somebody says of themselves at sign-up is in the profile, unless it would not do`() async throws {
        try await TestNode.serving { server in
            let said: [(data: JSON, name: JSON, picture: JSON)] = [
                (
                    ["full_name": "Ada Lovelace", "avatar_url": "https://example.com/a.png"], "Ada Lovelace",
                    "https://example.com/a.png"
                ),
                (
                    ["name": .string(String(repeating: "x", count: 300))], .string(String(repeating: "x", count: 100)),
                    .null
                ),
                (["name": "a\nb", "avatar_url": "javascript:alert(1)"], .null, .null),
                (["name": " ", "avatar_url": "https://example.com/\"onerror="], .null, .null),
                (["full_name": ["a": 1], "avatar_url": "https://example.com/\\"], .null, .null),
            ]
            for (number, said) in said.enumerated() {
                let answer = try await server.visitor.post(
                    "/auth/v1/signup",
                    [
                        "email": .string("p\(number)@example.com"), "password": "correct horse battery",
                        "data": said.data,
                    ])
                let token = try #require(try answer.json["access_token"]?.string, "\(answer.text)")
                let client = TestClient(server: server, headers: ["authorization": "Bearer \(token)"])
                let profile = try await Self.profile(client)
                #expect(profile["name"] == said.name && profile["avatar_url"] == said.picture, "\(said.data)")
            }
        }
    }

    @Test(arguments: ["PUT", "PATCH"])
    func `what is sent changes, all else stays, and the next read shows it`(_ method: String) async throws {
        try await TestNode.serving { server in
            let client = try await server.person().client
            _ = try await Self.profile(client)
            func change(_ body: JSON) async throws -> TestAnswer {
                try await method == "PUT" ? client.put(Self.path, body) : client.patch(Self.path, body)
            }
            let first = try await change([
                "name": "Ada", "avatar_url": "https://example.com/ada.png", "metadata": ["a": 1, "b": 2],
                "preferences": ["theme": "dark", "language": "de", "timezone": "Europe/Berlin"],
            ])
            #expect(first.status == 200, "\(first.text)")
            #expect(try first.json["message"] == "Profile updated successfully")
            #expect(try first.json["success"] == true)
            let second = try await change([
                "avatar_url": "", "metadata": ["a": .null, "c": 3],
                "preferences": ["notifications": ["marketing": true]],
            ])
            let shown = try await Self.profile(client)
            #expect(try second.json["profile"] == shown)
            #expect(shown["name"] == "Ada" && shown["avatar_url"] == .null)
            #expect(shown["metadata"] == ["b": 2, "c": 3])
            #expect(shown["preferences"]?["theme"] == "dark" && shown["preferences"]?["timezone"] == "Europe/Berlin")
            #expect(shown["preferences"]?["notifications"] == ["email": true, "push": true, "marketing": true])
        }
    }

    @Test(
        arguments: [
            (["name": ""], ["name"]), (["name": "   "], ["name"]), (["name": "a\u{0}b"], ["name"]),
            (["name": "a\nb"], ["name"]), (["name": .string(String(repeating: "a", count: 101))], ["name"]),
            (["name": 7, "metadata": [], "avatar_url": "javascript:alert(1)"], ["name", "avatar_url", "metadata"]),
            (["avatar_url": "data:text/html,x"], ["avatar_url"]), (["avatar_url": "https://"], ["avatar_url"]),
            (["avatar_url": "https://user:pass@example.com/"], ["avatar_url"]),
            (["avatar_url": "https://example.com/\"><script>"], ["avatar_url"]),
            (["avatar_url": "//example.com/a.png"], ["avatar_url"]),
            (
                ["preferences": ["theme": "pink", "language": "EN", "timezone": "nowhere"]],
                ["preferences.theme", "preferences.language", "preferences.timezone"]
            ),
            (["preferences": ["timezone": "Europe/Atlantis"]], ["preferences.timezone"]),
            (["preferences": ["notifications": ["email": "yes"]]], ["preferences.notifications.email"]),
            (["preferences": "dark"], ["preferences"]),
        ] as [(JSON, [String])])
    func `what is wrong is named, and nothing changes`(_ body: JSON, _ fields: [String]) async throws {
        try await TestNode.serving { server in
            let client = try await server.person().client
            let before = try await Self.profile(client)
            let answer = try await client.put(Self.path, body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(try answer.json["error"]?["code"] == "VALIDATION_ERROR")
            #expect(try answer.json["error"]?["details"]?.array?.compactMap { $0["field"]?.string } == fields)
            #expect(try await Self.profile(client) == before)
        }
    }

    @Test func `metadata does not grow without end`() async throws {
        try await TestNode.serving { server in
            let client = try await server.person().client
            // Not one letter: the client refuses an answer that unpacks to so much more.
            let text = JSON.string((0..<400).map { _ in ID<Person>().text }.joined())
            #expect(try await client.put(Self.path, ["metadata": ["a": text]]).status == 200)
            let second = try await client.put(Self.path, ["metadata": ["b": text]])
            #expect(second.status == 400)
            #expect(try second.json["error"]?["details"]?.array?.first?["field"] == "metadata")
        }
    }

    @Test func `what is not named cannot be set`() async throws {
        try await TestNode.serving { server in
            let (ada, bob) = (try await server.person("ada"), try await server.person("bob"))
            let answer = try await ada.client.put(
                Self.path,
                [
                    "id": .string(bob.id.text), "email": "other@example.com", "role": "admin", "permissions": ["*"],
                    "createdAt": "2001-01-01T00:00:00Z", "name": "Ada",
                ])
            #expect(answer.status == 200)
            let (hers, his) = (try await Self.profile(ada.client), try await Self.profile(bob.client))
            #expect(hers["id"] == .string(ada.id.text) && hers["email"] == .string(ada.email) && hers["name"] == "Ada")
            #expect(his["name"] == .null)
        }
    }

    @Test func `a reader of an organization reads, and does not change`() async throws {
        try await TestNode.serving { server in
            let owner = try await server.person()
            let reader = try await server.person("rita", as: .readonly, in: owner.organization)
            let profile = try await Self.profile(reader.client)
            #expect(profile["role"] == "readonly")
            #expect(profile["permissions"]?.array?.contains("profile:update") == false)
            #expect(try await reader.client.put(Self.path, ["name": "Rita"]).status == 403)
            #expect(try await Self.profile(reader.client)["name"] == .null)
        }
    }

    @Test func `without a profile there is none to read or change`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            try await server.node.services.platform.run("delete from public.profiles where id = \(ada.id)")
            for answer in [try await ada.client.get(Self.path), try await ada.client.put(Self.path, ["name": "Ada"])] {
                #expect(answer.status == 404)
                #expect(try answer.json["error"]?["code"] == "PROFILE_NOT_FOUND")
            }
        }
    }

    @Test func `the policies hold also for a statement that asks for everything`() async throws {
        try await TestNode.serving { server in
            let (ada, bob) = (try await server.person("ada"), try await server.person("bob"))
            _ = try await ada.client.put(Self.path, ["name": "Ada"])
            let authenticator = try await TestDatabase.current.pool(as: "authenticator")
            let claims = "{\"sub\": \"\(bob.id.text)\", \"role\": \"authenticated\"}"
            let enter: [SQL] = [
                "select set_config('role', 'authenticated', true)",
                "select set_config('request.jwt.claims', \(claims), true)",
                "select set_config('request.organization_id', \(bob.organization.text), true)",
                "select set_config('request.organization_role', 'owner', true)",
            ]
            let seen = try await authenticator.batch(enter + ["select id from public.profiles"])
            #expect(seen.last?.count == 1)
            _ = try await authenticator.batch(enter + ["update public.profiles set name = 'Mallory'"])
            #expect(try await Self.profile(ada.client)["name"] == "Ada")
            for forbidden: SQL in [
                "update public.profiles set created_at = now()", "delete from public.profiles",
                "update public.profiles set id = \(ada.id) where id = \(bob.id)",
                "insert into public.profiles (id) values (gen_random_uuid())",
            ] {
                await #expect(throws: DatabaseError.self) { try await authenticator.batch(enter + [forbidden]) }
            }
            await authenticator.close()
        }
    }

    @Test func `people who were there before profiles were get one when the schema is brought up to date`() async throws
    {
        try await TestNode.serving { server in
            let signUp = try await server.visitor.post(
                "/auth/v1/signup",
                ["email": "ada@example.com", "password": "correct horse battery", "data": ["name": "Ada"]])
            let token = try #require(try signUp.json["access_token"]?.string)
            let superuser = try await TestDatabase.current.directPool(as: "postgres")
            _ = try await superuser.batch([
                "drop trigger make_profile on auth.users", "drop function auth.make_profile()",
                "drop trigger clear_profile on auth.users", "drop function auth.clear_profile()",
                "drop table public.profiles",
                "drop function auth.own_email()", "drop function auth.profile_name(jsonb)",
                "drop function auth.profile_picture(jsonb)", "delete from lean.migrations where feature = 'profiles'",
            ])
            await superuser.close()
            let owner = DatabaseSettings(url: try await TestDatabase.current.url(as: "lean_owner"))
            let applied = try await server.node.migrate(owner)
            #expect(
                applied == [
                    "profiles/001_profiles", "profiles/002_from_the_first_moment", "profiles/003_when_a_person_goes",
                ])
            let client = TestClient(server: server, headers: ["authorization": "Bearer \(token)"])
            #expect(try await Self.profile(client)["name"] == "Ada")
        }
    }
}
