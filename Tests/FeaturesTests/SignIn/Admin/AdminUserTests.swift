import Codecs
import Platform
import Postgres
import TestKit
import Testing

/// GoTrue's administration of accounts.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AdminUserTests {
    private static let users = "/auth/v1/admin/users"

    private func signIn(_ server: TestServer, _ email: String, _ password: String) async throws -> TestAnswer {
        try await server.visitor.post(
            "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(password)])
    }

    @Test func `an account that is made with its address confirmed signs in at once`() async throws {
        try await TestNode.serving(settings: ["MAILER_AUTOCONFIRM": "false"]) { server in
            let service = try await server.service()
            let made = try await service.post(
                Self.users,
                [
                    "email": " Grace@Example.com", "password": "nine harmless whales", "email_confirm": true,
                    "user_metadata": ["name": "Grace"], "app_metadata": ["plan": "pro"],
                    "id": "11111111-2222-4333-8444-555555555555",
                ])
            #expect(made.status == 200)
            let user = try made.json
            #expect(user["id"] == "11111111-2222-4333-8444-555555555555")
            #expect(user["email"] == "grace@example.com")
            #expect(user["email_confirmed_at"]?.string != nil)
            #expect(user["app_metadata"] == ["provider": "email", "providers": ["email"], "plan": "pro"])
            #expect(user["user_metadata"] == ["name": "Grace"])
            #expect(user["identities"]?.array?.first?["identity_data"]?["email_verified"] == true)
            #expect(try await signIn(server, "grace@example.com", "nine harmless whales").status == 200)
            let again = try await service.post(Self.users, ["email": "GRACE@example.com"])
            #expect(again.status == 422)
            #expect(try again.json["error_code"] == "email_exists")
        }
    }

    @Test func `an account without a password or a confirmed address does not sign in`() async throws {
        try await TestNode.serving { server in
            let service = try await server.service()
            #expect(
                try await service.post(Self.users, ["email": "a@example.com", "email_confirm": true]).status == 200)
            #expect(try await signIn(server, "a@example.com", "").json["error_code"] == "invalid_credentials")
            let made = try await service.post(
                Self.users, ["email": "b@example.com", "password": "nine harmless whales"])
            #expect(try made.json["email_confirmed_at"] == nil)
            let answer = try await signIn(server, "b@example.com", "nine harmless whales")
            #expect(try answer.json["error_code"] == "email_not_confirmed")
        }
    }

    @Test func `a hash of another system signs in with its password`() async throws {
        try await TestNode.serving { server in
            let service = try await server.service()
            let hash = "$2y$04$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96"
            let made = try await service.post(
                Self.users, ["email": "c@example.com", "password_hash": .string(hash), "email_confirm": true])
            #expect(made.status == 200)
            #expect(try await signIn(server, "c@example.com", "password").status == 200)
            for wrong in ["5f4dcc3b5aa765d61d8327deb882cf99", "$2b$31$" + String(repeating: "a", count: 53), "$2b$"] {
                let refused = try await service.post(
                    Self.users, ["email": "d@example.com", "password_hash": .string(wrong)])
                #expect(refused.status == 400)
                #expect(try refused.json["error_code"] == "validation_failed")
            }
            let both = try await service.post(
                Self.users,
                ["email": "d@example.com", "password": "nine harmless whales", "password_hash": .string(hash)])
            #expect(both.status == 400)
        }
    }

    @Test(
        arguments: [
            ("no address", ["password": "nine harmless whales"], "validation_failed"),
            ("no such address", ["email": "nowhere"], "validation_failed"),
            ("a short password", ["email": "e@example.com", "password": "short"], "weak_password"),
            ("a phone", ["email": "e@example.com", "phone": "+15550100"], "phone_provider_disabled"),
            ("another role", ["email": "e@example.com", "role": "service_role"], "validation_failed"),
            ("no id", ["email": "e@example.com", "id": "1"], "validation_failed"),
            (
                "the id of nobody", ["email": "e@example.com", "id": "00000000-0000-0000-0000-000000000000"],
                "validation_failed"
            ),
            ("no duration", ["email": "e@example.com", "ban_duration": "soon"], "validation_failed"),
            ("a ban of the past", ["email": "e@example.com", "ban_duration": "-1h"], "validation_failed"),
            (
                "a ban beyond all times", ["email": "e@example.com", "ban_duration": "99999999999h"],
                "validation_failed"
            ),
        ] as [(String, JSON, String)])
    func `what cannot be an account is refused`(_ name: String, _ body: JSON, _ code: String) async throws {
        try await TestNode.serving { server in
            let answer = try await server.service().post(Self.users, body)
            #expect(try answer.json["error_code"] == .string(code), "\(name): \(answer.text)")
            let count: Int = try await server.node.services.platform.one("select count(*) as n from auth.users") {
                try $0["n"]
            }
            #expect(count == 0)
        }
    }

    @Test func `what is no JSON is called so`() async throws {
        try await TestNode.serving { server in
            let answer = try await server.service().send(.POST, Self.users, Array("{\"email\":".utf8))
            #expect(answer.status == 400)
            #expect(try answer.json["error_code"] == "bad_json")
        }
    }

    @Test func `accounts are listed by pages, the newest first, with links that clients understand`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let service = try await server.service()
            for name in ["one", "two", "three", "four", "five"] {
                _ = try await service.post(
                    Self.users,
                    ["email": .string("\(name)@example.com"), "user_metadata": ["full_name": .string("Mx \(name) %")]])
                clock.advance(by: .seconds(1))
            }
            func names(_ answer: TestAnswer) throws -> [String] {
                try (answer.json["users"]?.array ?? []).compactMap { $0["email"]?.string }.map {
                    String($0.prefix { $0 != "@" })
                }
            }
            let first = try await service.get(Self.users + "?page=1&per_page=2")
            #expect(try names(first) == ["five", "four"])
            #expect(try first.json["aud"] == "authenticated")
            #expect(first.header("x-total-count") == "5")
            #expect(
                first.header("link")
                    == "</auth/v1/admin/users?page=2&per_page=2>; rel=\"next\", "
                    + "</auth/v1/admin/users?page=3&per_page=2>; rel=\"last\"")
            let last = try await service.get(Self.users + "?page=3&per_page=2")
            #expect(try names(last) == ["one"])
            #expect(last.header("link") == "</auth/v1/admin/users?page=3&per_page=2>; rel=\"last\"")
            let beyond = try await service.get(Self.users + "?page=9&per_page=2")
            #expect(try names(beyond) == [])
            #expect(beyond.header("x-total-count") == "5")
            // Supabase's clients send both without a value when nothing was said.
            #expect(try names(await service.get(Self.users + "?page=&per_page=")).count == 5)
            #expect(try names(await service.get(Self.users + "?filter=FOUR@ex")) == ["four"])
            #expect(try names(await service.get(Self.users + "?filter=mx%20t")) == ["three", "two"])
            #expect(try names(await service.get(Self.users + "?filter=_")) == [])
            let filtered = try await service.get(Self.users + "?filter=%25&per_page=4")
            #expect(try names(filtered).count == 4)
            #expect(filtered.header("link")?.contains("&filter=%25>; rel=\"next\"") == true)
            #expect(try names(await service.get(Self.users + "?page=0&per_page=1001")).count == 5)
            for bad in ["page=-1", "page=x", "per_page=0", "per_page=-1"] {
                #expect(try await service.get(Self.users + "?" + bad).status == 400, "\(bad)")
            }
        }
    }

    @Test func `a change sets what it says and leaves the rest`() async throws {
        try await TestNode.serving { server in
            let service = try await server.service()
            let person = try await server.person()
            let path = Self.users + "/" + person.id.text
            let changed = try await service.put(
                path,
                [
                    "email": "new@example.com", "email_confirm": true, "app_metadata": ["role": "editor"],
                    "user_metadata": ["a": 1, "b": 2],
                ])
            #expect(changed.status == 200)
            let cleared = try await service.put(path, ["user_metadata": ["a": nil], "app_metadata": ["x": nil]])
            #expect(try cleared.json["email"] == "new@example.com")
            #expect(try cleared.json["user_metadata"] == ["b": 2])
            #expect(try cleared.json["app_metadata"]?["role"] == "editor")
            // The person sees it at once, on the node that knew their session.
            let own = try await person.client.get("/auth/v1/user").json
            #expect(own["email"] == "new@example.com")
            #expect(own["identities"]?.array?.count == 1)
            #expect(own["identities"]?.array?.first?["email"] == "new@example.com")
            let profile = try await person.client.get("/functions/v1/auth_profile-management/profile").json
            #expect(profile["profile"]?["email"] == "new@example.com")
            let other = try await server.person("eve")
            let taken = try await service.put(path, ["email": .string(other.email)])
            #expect(try taken.json["error_code"] == "email_exists")
        }
    }

    @Test func `an account that is not there is not found, and an id that is none is refused`() async throws {
        try await TestNode.serving { server in
            let service = try await server.service()
            let nobody = Self.users + "/" + ID<Person>().text
            for answer in [
                try await service.get(nobody), try await service.put(nobody, ["email": "x@example.com"]),
                try await service.delete(nobody),
            ] {
                #expect(answer.status == 404)
                #expect(try answer.json["error_code"] == "user_not_found")
            }
            for bad in ["1", "..", "%2e%2e", "null", ID<Person>().text + "'--"] {
                #expect([400, 404].contains(try await service.get(Self.users + "/" + bad).status), "\(bad)")
            }
        }
    }
}
