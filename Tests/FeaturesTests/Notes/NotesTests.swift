import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct NotesTests {
    private static func write(_ person: TestPerson, _ title: String) async throws -> String {
        let answer = try await person.client.post("/functions/v1/notes_write", ["title": .string(title)])
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(try answer.json["id"]?.string)
    }

    @Test func `a note is written, read, changed, listed and deleted`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            let id = try await Self.write(ada, "First")
            let read = try await ada.client.get("/functions/v1/notes_read?id=\(id)").json
            #expect(read["title"] == "First")
            #expect(read["authorId"] == .string(ada.id.text))
            let changed = try await ada.client.put("/functions/v1/notes_change", ["id": .string(id), "body": "More"])
                .json
            #expect(changed["title"] == "First")
            #expect(changed["body"] == "More")
            _ = try await Self.write(ada, "Second")
            let titles = try await ada.client.get("/functions/v1/notes_list").json["notes"]?.array?.map { $0["title"] }
            #expect(titles == ["Second", "First"])
            #expect(try await ada.client.delete("/functions/v1/notes_delete?id=\(id)").status == 204)
            #expect(try await ada.client.get("/functions/v1/notes_read?id=\(id)").status == 404)
        }
    }

    @Test func `another organization neither sees, changes nor deletes a note`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let bob = try await server.person("bob")
            let id = try await Self.write(ada, "Hers")
            #expect(try await bob.client.get("/functions/v1/notes_list").json["notes"] == [])
            #expect(try await bob.client.get("/functions/v1/notes_read?id=\(id)").status == 404)
            let change = try await bob.client.put("/functions/v1/notes_change", ["id": .string(id), "title": "His"])
            #expect(change.status == 404)
            #expect(try await bob.client.delete("/functions/v1/notes_delete?id=\(id)").status == 404)
            #expect(try await ada.client.get("/functions/v1/notes_read?id=\(id)").json["title"] == "Hers")
        }
    }

    @Test func `a reader may read and not write`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            let reader = try await server.person("rita", as: .readonly, in: ada.organization)
            _ = try await Self.write(ada, "Ours")
            #expect(try await reader.client.get("/functions/v1/notes_list").json["notes"]?.array?.count == 1)
            let write = try await reader.client.post("/functions/v1/notes_write", ["title": "Mine"])
            #expect(write.status == 403)
            #expect(try write.json["error"]?["code"] == "INSUFFICIENT_PERMISSIONS")
        }
    }

    @Test func `the policies hold also for a statement that asks for everything`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person("ada")
            _ = try await Self.write(ada, "Hers")
            let authenticator = try await TestDatabase.current.pool(as: "authenticator")
            let rows = try await authenticator.batch([
                "select set_config('role', 'authenticated', true)",
                "select title from public.notes",
            ])
            #expect(rows.last?.count == 0)
            let anon = try await TestDatabase.current.pool(as: "authenticator")
            await #expect(throws: DatabaseError.self) {
                try await anon.batch(["select set_config('role', 'anon', true)", "select title from public.notes"])
            }
            await authenticator.close()
            await anon.close()
        }
    }

    @Test func `every wrong field is named at once`() async throws {
        try await TestNode.serving { server in
            let ada = try await server.person()
            let answer = try await ada.client.post("/functions/v1/notes_write", ["title": "", "body": 7])
            #expect(answer.status == 400)
            let json = try answer.json
            #expect(json["error"]?["code"] == "VALIDATION_ERROR")
            #expect(json["error"]?["details"]?.array?.map { $0["field"] } == ["title", "body"])
            #expect(json["requestId"]?.string == answer.header("x-request-id"))
        }
    }

    @Test func `an organization keeps no more notes than it may`() async throws {
        try await TestNode.serving(settings: ["NOTES_PER_ORGANIZATION": "2"]) { server in
            let ada = try await server.person()
            _ = try await Self.write(ada, "One")
            _ = try await Self.write(ada, "Two")
            let third = try await ada.client.post("/functions/v1/notes_write", ["title": "Three"])
            #expect(third.status == 400)
            #expect(try third.json["error"]?["code"] == "TOO_MANY_NOTES")
        }
    }
}
