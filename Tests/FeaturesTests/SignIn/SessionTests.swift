import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SessionTests {
    @Test func `signing out refuses the access token from the next request on`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            #expect(try await person.client.get("/functions/v1/notes_list").status == 200)
            #expect(try await person.client.post("/auth/v1/logout").status == 204)
            let user = try await person.client.get("/auth/v1/user")
            #expect(user.status == 401)
            #expect(try user.json["error_code"] == "session_not_found")
            #expect(try await person.client.get("/functions/v1/notes_list").status == 401)
        }
    }

    @Test func `each scope ends the sessions that it names and no other`() async throws {
        try await TestNode.serving { server in
            let one = try await server.person()
            let two = try await server.again(one)
            let three = try await server.again(one)
            let stranger = try await server.person("bob")
            func open(_ person: TestPerson) async throws -> Bool {
                try await person.client.get("/auth/v1/user").status == 200
            }
            #expect(try await two.client.post("/auth/v1/logout?scope=local").status == 204)
            #expect(try await [open(one), open(two), open(three)] == [true, false, true])
            #expect(try await one.client.post("/auth/v1/logout?scope=others").status == 204)
            #expect(try await [open(one), open(three)] == [true, false])
            #expect(try await one.client.post("/auth/v1/logout?scope=everything").status == 400)
            #expect(try await one.client.post("/auth/v1/logout?scope=global").status == 204)
            #expect(try await open(one) == false)
            #expect(try await open(stranger) == true)
        }
    }

    @Test func `a ban holds on the next request that touches the database, by whatever hand it comes`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            #expect(try await person.client.get("/functions/v1/notes_list").status == 200)
            let owner = try await TestDatabase.current.pool(as: "lean_owner")
            try await owner.run("update auth.users set banned_until = now() + interval '1 day' where id = \(person.id)")
            #expect(try await person.client.get("/functions/v1/notes_list").status == 401)
            let signIn = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(person.email), "password": .string(TestPerson.password)])
            #expect(try signIn.json["error_code"] == "user_banned")
            await owner.close()
        }
    }

    @Test func `a new password ends the other sessions and is the only one that signs in`() async throws {
        try await TestNode.serving { server in
            let one = try await server.person()
            let two = try await server.again(one)
            let same = try await one.client.put("/auth/v1/user", ["password": .string(TestPerson.password)])
            #expect(try same.json["error_code"] == "same_password")
            #expect(try await one.client.put("/auth/v1/user", ["password": "a new password"]).status == 200)
            #expect(try await one.client.get("/auth/v1/user").status == 200)
            #expect(try await two.client.get("/auth/v1/user").status == 401)
            let old = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(one.email), "password": .string(TestPerson.password)])
            #expect(try old.json["error_code"] == "invalid_credentials")
        }
    }

    @Test func `metadata is merged and null removes a member`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            _ = try await person.client.put("/auth/v1/user", ["data": ["a": 1, "b": ["c": nil]]])
            let answer = try await person.client.put("/auth/v1/user", ["data": ["a": nil, "d": "x"]])
            let metadata = try #require(try answer.json["user_metadata"])
            #expect(metadata["a"] == nil)
            #expect(metadata["b"]?["c"] == .null)
            #expect(metadata["d"] == "x")
            #expect(try await person.client.get("/auth/v1/user").json["user_metadata"] == metadata)
        }
    }

    @Test func `an unknown address and a wrong password get the same answer`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            func signIn(_ email: String) async throws -> TestAnswer {
                try await server.visitor.post(
                    "/auth/v1/token?grant_type=password", ["email": .string(email), "password": "wrong password"])
            }
            let known = try await signIn(person.email)
            let unknown = try await signIn("nobody@example.com")
            #expect(known.status == 400)
            #expect(known.text == unknown.text)
        }
    }
}
