import Codecs
import Platform
import Postgres
import TestKit
import Testing

/// The profile is cached: nobody is ever shown another's, and what changes is seen at once here and soon on other nodes.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct CachedProfilesTests {
    private static func profile(_ client: TestClient) async throws -> JSON {
        let answer = try await client.get(ProfilesTests.path)
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(try answer.json["profile"])
    }

    private static func figure(_ name: String, _ server: TestServer) async -> Double {
        let lines = await server.node.services.metrics.exposition().split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name) }
        return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }

    /// Until a node hears the others it remembers nothing.
    private static func untilHearing(_ server: TestServer) async throws {
        try await until("the node hears the others") { await figure("leansaas_cache_hearing", server) == 1 }
    }

    @Test func `a profile is read from the database once`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            try await Self.untilHearing(server)
            for _ in 1...5 { _ = try await Self.profile(ada.client) }
            #expect(await Self.figure(#"leansaas_cache_loads_total{strategy="user_profile"}"#, server) == 1)
        }
    }

    @Test func `switched off, each read asks the database`() async throws {
        try await TestNode.serving(settings: ["CACHE_ENABLED": "false"]) { server in
            let ada = try await server.person()
            for name in ["One", "Two"] {
                try await server.node.services.platform.run(
                    "update public.profiles set name = \(name) where id = \(ada.id)")
                #expect(try await Self.profile(ada.client)["name"] == .string(name))
            }
        }
    }

    @Test func `many people at once are each shown their own`() async throws {
        try await TestNode.serving { server in
            var people: [TestPerson] = []
            for number in 0..<8 { people.append(try await server.person("p\(number)")) }
            let found = try await withThrowingTaskGroup(of: (ID<Person>, JSON).self) { group in
                for _ in 0..<20 {
                    for person in people { group.addTask { (person.id, try await Self.profile(person.client)) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found.count == 160)
            #expect(found.allSatisfy { $1["id"] == .string($0.text) })
        }
    }

    @Test func `a role in one organization is not shown for another, nor after it has changed`() async throws {
        try await TestNode.serving { server in
            let owner = try await server.person("olga")
            let rita = try await server.person("rita", as: .readonly, in: owner.organization)
            #expect(try await Self.profile(rita.client)["role"] == "readonly")
            let change = try await owner.client.put(
                "/functions/v1/organizations_role", ["personId": .string(rita.id.text), "role": "member"])
            try #require(change.status == 200)
            // A node may believe what it knows of a session for 50 ms.
            try await until("the new role is shown") { try await Self.profile(rita.client)["role"] == "user" }
            let turn = try await rita.client.post(
                "/functions/v1/organizations_switch", ["organizationId": .string(rita.organization.text)])
            try #require(turn.status == 200, "\(turn.text)")
            #expect(try await Self.profile(rita.client)["role"] == "admin")
        }
    }

    @Test func `an address that has changed is shown at once`() async throws {
        try await TestNode.serving(settings: ["MAILER_SECURE_EMAIL_CHANGE_ENABLED": "false"]) { server in
            let ada = try await server.person()
            _ = try await Self.profile(ada.client)
            let change = try await ada.client.put("/auth/v1/user", ["email": "new@example.com"])
            try #require(change.status == 200, "\(change.text)")
            #expect(try await Self.profile(ada.client)["email"] == .string(ada.email))
            let token = try #require(try await server.letter(to: "new@example.com").token)
            let agreed = try await server.visitor.post(
                "/auth/v1/verify", ["type": "email_change", "token_hash": .string(token)])
            try #require(agreed.status == 200, "\(agreed.text)")
            #expect(try await Self.profile(ada.client)["email"] == "new@example.com")
        }
    }

    @Test func `whoever is signed out is refused, cached or not`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            _ = try await Self.profile(ada.client)
            _ = try await ada.client.post("/auth/v1/logout")
            #expect(try await ada.client.get(ProfilesTests.path).status == 401)
        }
    }

    @Test func `what one node changes the other shows`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let ada = try await one.person()
                let there = TestClient(server: two, headers: ada.client.headers)
                for number in 1...10 {
                    _ = try await Self.profile(there)
                    let change = try await ada.client.patch(ProfilesTests.path, ["name": .string("Ada \(number)")])
                    try #require(change.status == 200)
                    #expect(try await Self.profile(ada.client)["name"] == .string("Ada \(number)"))
                    try await until("the other node shows \(number)") {
                        try await Self.profile(there)["name"] == .string("Ada \(number)")
                    }
                }
            }
        }
    }

    @Test func `the figures tell of the cache, and of what is remembered beside it`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            try await Self.untilHearing(server)
            for _ in 1...4 { _ = try await Self.profile(ada.client) }
            let services = server.node.services
            let lines = await services.metrics.exposition().split(separator: "\n")
            #expect(lines.contains("leansaas_cache_hits_total{layer=\"memory\",strategy=\"user_profile\"} 3"))
            #expect(lines.contains("leansaas_cache_hit_rate 0.75"))
            #expect(services.cache.hitRate == 0.75)
            let families = lines.count { $0 == "# TYPE leansaas_cache_hits_total counter" }
            #expect(families == 1, "lines of one name stand together")
            for name in ["sessions", "verified_tokens"] {
                #expect(lines.contains { $0.hasPrefix("leansaas_memory_hits_total{memory=\"\(name)\"}") })
                #expect(lines.contains { $0.hasPrefix("leansaas_memory_items{memory=\"\(name)\"} 1") })
            }
        }
    }
}
