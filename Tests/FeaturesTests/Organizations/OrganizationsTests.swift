import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct OrganizationsTests {
    private static func change(_ client: TestClient, _ person: TestPerson, _ role: String) async throws -> TestAnswer {
        try await client.put(
            "/functions/v1/organizations_role", ["personId": .string(person.id.text), "role": .string(role)])
    }

    @Test func `a person makes an organization and acts for it`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            let made = try await ada.client.post("/functions/v1/organizations_create", ["name": "Engines"])
            #expect(made.status == 201)
            let id = try #require(try made.json["id"])
            #expect(
                try await ada.client.post("/functions/v1/organizations_switch", ["organizationId": id]).status == 200)
            _ = try await ada.client.post("/functions/v1/notes_write", ["title": "Ours"])
            let organizations: [ID<Organization>] = try await server.node.services.database.entering(
                with: "select set_config('role', 'service_role', true)", role: "service_role"
            ).all("select organization_id from public.notes") { try $0["organization_id"] }
            #expect(organizations.map { JSON.string($0.text) } == [id])
            let list = try await ada.client.get("/functions/v1/organizations_list").json["organizations"]?.array
            #expect(list?.count == 2)
        }
    }

    @Test func `nobody switches to an organization of others`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let bob = try await server.person("bob")
            let answer = try await bob.client.post(
                "/functions/v1/organizations_switch", ["organizationId": .string(ada.organization.text)])
            #expect(answer.status == 404)
        }
    }

    @Test func `a changed role holds from the next request on`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let bob = try await server.person("bob", as: .member, in: ada.organization)
            #expect(try await bob.client.post("/functions/v1/notes_write", ["title": "x"]).status == 201)
            #expect(try await Self.change(ada.client, bob, "readonly").status == 200)
            #expect(try await bob.client.post("/functions/v1/notes_write", ["title": "y"]).status == 403)
            #expect(try await bob.client.get("/functions/v1/notes_list").status == 200)
        }
    }

    @Test func `a removed member falls back to the personal organization`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let bob = try await server.person("bob", as: .member, in: ada.organization)
            _ = try await ada.client.post("/functions/v1/notes_write", ["title": "Hers"])
            let path = "/functions/v1/organizations_member?personId=\(bob.id.text)"
            #expect(try await ada.client.delete(path).status == 204)
            var list = try await bob.client.get("/functions/v1/notes_list")
            // At most one request meets what this node still remembers, and is refused.
            if list.status == 403 { list = try await bob.client.get("/functions/v1/notes_list") }
            #expect(try list.json["notes"] == [])
        }
    }

    @Test func `an admin neither makes nor unmakes owners`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let admin = try await server.person("adam", as: .admin, in: ada.organization)
            let member = try await server.person("mia", as: .member, in: ada.organization)
            for (person, role) in [(admin, "owner"), (member, "owner"), (ada, "member")] {
                let answer = try await Self.change(admin.client, person, role)
                #expect(answer.status == 403)
                #expect(try answer.json["error"]?["code"] == "ABOVE_YOUR_ROLE")
            }
            #expect(try await Self.change(admin.client, member, "readonly").status == 200)
        }
    }

    @Test func `the last owner stays`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            #expect(try await Self.change(ada.client, ada, "admin").json["error"]?["code"] == "LAST_OWNER")
            let path = "/functions/v1/organizations_member?personId=\(ada.id.text)"
            #expect(try await ada.client.delete(path).json["error"]?["code"] == "LAST_OWNER")
        }
    }
}
