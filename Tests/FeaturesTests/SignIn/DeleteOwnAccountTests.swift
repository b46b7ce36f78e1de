import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct DeleteOwnAccountTests {
    private static let path = "/functions/v1/auth_profile-management/profile"

    private static func delete(_ person: TestPerson, _ body: JSON) async throws -> TestAnswer {
        try await person.client.send(.DELETE, path, body.encoded())
    }

    private static func rows(of person: TestPerson) async throws -> [String] {
        let admin = try await TestDatabase.current.pool(as: "postgres")
        let rows: [String] = try await admin.all(
            """
            select 'user' as line from auth.users where id = \(person.id)
            union all select 'profile ' || name from public.profiles where id = \(person.id)
            union all select 'identity' from auth.identities where user_id = \(person.id)
            union all select 'session' from auth.sessions where user_id = \(person.id)
            union all select 'organization' from public.organizations where id = \(person.organization)
            order by 1
            """
        ) { try $0["line"] }
        await admin.close()
        return rows
    }

    @Test(
        arguments: [
            (false, ["organization", "profile Deleted User", "user"]), (true, []),
        ] as [(Bool, [String])])
    func `whoever confirms with their address is gone, with their data or without it`(
        _ deletesData: Bool, _ left: [String]
    ) async throws {
        try await TestNode.serving { server in
            try await TestNode.serving { elsewhere in
                let person = try await server.person()
                let other = try await server.again(person)
                let there = TestClient(server: elsewhere, headers: other.client.headers)
                #expect(try await there.get("/functions/v1/notes_list").status == 200)
                let answer = try await Self.delete(
                    person,
                    [
                        "confirmEmail": .string(person.email.uppercased()), "reason": "Too many notes",
                        "deleteData": .bool(deletesData),
                    ])
                #expect(answer.status == 200)
                #expect(try answer.json["message"] == "Account deletion completed successfully")
                #expect(try await there.get("/functions/v1/notes_list").status == 401)
                #expect(try await person.client.get("/auth/v1/user").status == 401)
                #expect(try await Self.rows(of: person) == left)
                let admin = try await TestDatabase.current.pool(as: "postgres")
                let reasons: [String] = try await admin.all("select d::text as line from lean.departures d") {
                    try $0["line"]
                }
                await admin.close()
                #expect(reasons.count == 1)
                #expect(reasons.first?.contains("Too many notes") == true)
                #expect(reasons.first?.contains(person.id.text) == false)
                let again = try await server.visitor.post(
                    "/auth/v1/signup", ["email": .string(person.email), "password": .string(TestPerson.password)])
                #expect(again.status == 200)
            }
        }
    }

    @Test(arguments: ["", "eve@example.com", "ada", "'; drop table auth.users; --"])
    func `without the account's address nothing is deleted`(_ text: String) async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let answer = try await Self.delete(person, ["confirmEmail": .string(text), "deleteData": true])
            #expect(answer.status == 400)
            #expect(try answer.json["error"]?["details"]?.array?.first?["field"] == "confirmEmail")
            #expect(try await Self.delete(person, [:]).status == 400)
            #expect(try await person.client.get("/functions/v1/notes_list").status == 200)
        }
    }

    @Test func `who has an organization's only other admin leaves it to them, with its notes`() async throws {
        try await TestNode.serving { server in
            let owner = try await server.person("olga")
            _ = try await owner.client.post("/functions/v1/notes_write", ["title": "ours"])
            let admin = try await server.person("adam", as: .admin, in: owner.organization)
            let answer = try await Self.delete(owner, ["confirmEmail": .string(owner.email), "deleteData": true])
            #expect(answer.status == 200)
            let notes = try await admin.client.get("/functions/v1/notes_list")
            #expect(try notes.json["notes"]?.array?.first?["title"] == "ours")
        }
    }
}
