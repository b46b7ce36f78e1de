import Codecs
import Platform
import Postgres
import TestKit
import Testing

/// What an administrator does to an account reaches its sessions; who is none does nothing.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AdminRevocationTests {
    private static let users = "/auth/v1/admin/users"

    private func path(_ person: TestPerson) -> String { Self.users + "/" + person.id.text }

    @Test func `a ban refuses sessions, sign-in and refreshing until it ends`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let service = try await server.service()
            let person = try await server.person()
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            let banned = try await service.put(path(person), ["ban_duration": "1h30m"])
            #expect(try banned.json["banned_until"]?.string != nil)
            #expect(try await person.client.get("/auth/v1/user").status == 401)
            #expect(try await person.client.get("/functions/v1/notes_list").status == 401)
            let body: JSON = ["email": .string(person.email), "password": .string(TestPerson.password)]
            let signIn = try await server.visitor.post("/auth/v1/token?grant_type=password", body)
            #expect(try signIn.json["error_code"] == "user_banned")
            let refresh = try await server.visitor.post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
            #expect(refresh.status == 400)
            clock.advance(by: .seconds(5_401))
            #expect(try await server.visitor.post("/auth/v1/token?grant_type=password", body).status == 200)
            let lifted = try await service.put(path(person), ["ban_duration": "none"])
            #expect(try lifted.json["banned_until"] == nil)
            #expect(try await person.client.get("/functions/v1/notes_list").status == 200)
        }
    }

    @Test func `a password that an administrator sets ends every session`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let other = try await server.again(person)
            let changed = try await server.service().put(path(person), ["password": "nine harmless whales"])
            #expect(changed.status == 200)
            for session in [person, other] {
                #expect(try await session.client.get("/auth/v1/user").status == 401)
                #expect(try await session.client.get("/functions/v1/notes_list").status == 401)
            }
            let old = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(person.email), "password": .string(TestPerson.password)])
            #expect(try old.json["error_code"] == "invalid_credentials")
        }
    }

    @Test(arguments: [false, true])
    func `a deleted person is signed out everywhere and their address is free`(_ isSoft: Bool) async throws {
        try await TestNode.serving { server in
            try await TestNode.serving { elsewhere in
                let person = try await server.person()
                let there = TestClient(server: elsewhere, headers: person.client.headers)
                #expect(try await there.get("/functions/v1/notes_list").status == 200)
                #expect(try await there.get("/auth/v1/user").status == 200)
                let deleted = try await server.service().send(
                    .DELETE, path(person), JSON.object(["should_soft_delete": .bool(isSoft)]).encoded())
                #expect(deleted.status == 200)
                #expect(deleted.text == "{}")
                #expect(try await there.get("/functions/v1/notes_list").status == 401)
                #expect(try await person.client.get("/auth/v1/user").status == 401)
                try await until("the other node refuses", limit: .seconds(5)) {
                    try await there.get("/auth/v1/user").status == 401
                }
                let refresh = try await server.visitor.post(
                    "/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(person.refreshToken)])
                #expect(try refresh.json["error_code"] == "refresh_token_not_found")
                let body: JSON = ["email": .string(person.email), "password": .string(TestPerson.password)]
                let signIn = try await server.visitor.post("/auth/v1/token?grant_type=password", body)
                #expect(try signIn.json["error_code"] == "invalid_credentials")
                let again = try await server.visitor.post("/auth/v1/signup", body)
                #expect(again.status == 200)
                #expect(try again.json["user"]?["id"] != .string(person.id.text))
            }
        }
    }

    @Test func `nothing that tells who somebody was is left of an account that was deleted softly`() async throws {
        try await TestNode.serving { server in
            let service = try await server.service()
            let person = try await server.person()
            let profile = "/functions/v1/auth_profile-management/profile"
            _ = try await person.client.put(profile, ["name": "Ada Lovelace", "metadata": ["town": "London"]])
            _ = try await person.client.put("/auth/v1/user", ["data": ["city": "London"]])
            let body = JSON.object(["should_soft_delete": true]).encoded()
            #expect(try await service.send(.DELETE, path(person), body).status == 200)
            #expect(try await service.send(.DELETE, path(person), body).status == 200)
            let kept = try await service.get(path(person))
            #expect(kept.status == 200)
            #expect(try kept.json["deleted_at"]?.string != nil)
            #expect(try await service.put(path(person), ["email": "b@example.com"]).status == 404)
            let admin = try await TestDatabase.current.pool(as: "postgres")
            let rows: [String] = try await admin.all(
                """
                select u::text as line from auth.users u union all select i::text from auth.identities i
                union all select s::text from auth.sessions s union all select t::text from auth.refresh_tokens t
                union all select p::text from public.profiles p
                """
            ) { try $0["line"] }
            await admin.close()
            #expect(rows.count == 2)
            for row in rows {
                for word in [person.email, "Lovelace", "London", "$2b$"] { #expect(!row.contains(word), "\(row)") }
            }
            #expect(rows.contains { $0.contains("Deleted User") })
        }
    }

    @Test func `an account takes its organizations with it, but those where others are`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person("olga")
            let alone = try await person.client.post("/functions/v1/organizations_create", ["name": "Alone"]).json
            let shared = try await person.client.post("/functions/v1/organizations_create", ["name": "Shared"]).json
            let organization = try #require(shared["id"]?.string.flatMap { ID<Organization>($0) })
            _ = try await server.person("rita", as: .readonly, in: organization)
            _ = try await server.person("mia", as: .member, in: organization)
            let admin = try await server.person("adam", as: .admin, in: organization)
            #expect(try await server.service().delete(path(person)).status == 200)
            let left: [String] = try await server.node.services.platform.all(
                """
                select o.id::text || ' ' || m.role || ' ' || m.user_id as line
                from public.organizations o left join public.organization_members m on m.organization_id = o.id
                where o.id in (\(person.organization), \(organization), \(try #require(alone["id"]?.string))::uuid)
                  and m.role is distinct from 'readonly' and m.role is distinct from 'member'
                """
            ) { try $0["line"] }
            #expect(left == ["\(organization) owner \(admin.id)"])
            // The heir's next request is that of an owner.
            let members = try await admin.client.get("/functions/v1/organizations_members").json["members"]?.array
            #expect(members?.count == 3)
        }
    }

    @Test func `who may only read never becomes an owner by an owner's going`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person("olga")
            let reader = try await server.person("rita", as: .readonly, in: person.organization)
            #expect(try await server.service().delete(path(person)).status == 200)
            let role: String = try await server.node.services.platform.one(
                """
                select role from public.organization_members
                where user_id = \(reader.id) and organization_id = \(person.organization)
                """
            ) { try $0["role"] }
            #expect(role == "readonly")
        }
    }

    @Test func `nobody else administers accounts, whatever their token or metadata says`() async throws {
        try await TestNode.serving { server in
            let victim = try await server.person("vic")
            let person = try await server.person("mallory")
            _ = try await person.client.put(
                "/auth/v1/user",
                [
                    "data": ["is_super_admin": true, "role": "service_role"], "is_super_admin": true,
                    "role": "service_role", "app_metadata": ["role": "admin"],
                ])
            // Signed by somebody who has the shared secret, as Supabase documents it: the session is real, the claims are not.
            let payload = try #require(Base64URL.decode(person.accessToken.split(separator: ".")[1]))
            var claims = try #require(JSON(parsing: payload).object)
            claims["is_super_admin"] = true
            claims["org_role"] = "owner"
            claims["app_metadata"] = ["role": "service_role", "claims_admin": true]
            let forged = try await server.node.services.tokens.sign(claims)
            let anon = try await server.node.services.tokens.sign(["role": "anon", "exp": 4_000_000_000])
            let callers: [(TestClient, Int)] = [
                (server.visitor, 401), (server.visitor.with("apikey", anon), 401),
                (server.visitor.with("authorization", "Bearer \(anon)"), 401), (person.client, 403),
                (server.visitor.with("authorization", "Bearer \(forged)"), 403),
                (
                    person.client.with(
                        "apikey",
                        try await server.node.services.tokens.sign(
                            ["role": "service_role", "exp": 4_000_000_000])), 403
                ),
            ]
            for (client, status) in callers {
                let body: JSON = ["email": "evil@example.com", "password": "nine harmless whales"]
                for answer in [
                    try await client.get(Self.users), try await client.get(path(victim)),
                    try await client.post(Self.users, body), try await client.put(path(victim), body),
                    try await client.delete(path(victim)),
                ] {
                    #expect(answer.status == status)
                    #expect(try answer.json["error_code"] == (status == 401 ? "no_authorization" : "not_admin"))
                    #expect(!answer.text.contains(victim.email))
                }
            }
            #expect(try await victim.client.get("/auth/v1/user").status == 200)
        }
    }

    @Test func `an operator administers until the right is taken back`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person("oscar")
            let platform = server.node.services.platform
            try await platform.run("update auth.users set is_super_admin = true where id = \(person.id)")
            try await until("the node has heard") { try await person.client.get(Self.users).status == 200 }
            try await platform.run("update auth.users set is_super_admin = false where id = \(person.id)")
            try await until("the node has heard") { try await person.client.get(Self.users).status == 403 }
        }
    }
}
