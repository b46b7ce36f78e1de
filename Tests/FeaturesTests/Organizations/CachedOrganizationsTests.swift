import Codecs
import Platform
import Postgres
import TestKit
import Testing

/// The list of one's organizations is cached: what changes it is seen at once here, and soon on other nodes.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct CachedOrganizationsTests {
    private static func count(_ client: TestClient) async throws -> Int {
        let answer = try await client.get("/functions/v1/organizations_list")
        #expect(answer.status == 200)
        return try answer.json["organizations"]?.array?.count ?? -1
    }

    @Test func `an organization that was made is in the next list`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            for number in 1...3 {
                #expect(try await Self.count(person.client) == number)
                #expect(try await Self.count(person.client) == number)
                _ = try await person.client.post("/functions/v1/organizations_create", ["name": "Another"])
            }
        }
    }

    @Test func `nobody is shown another's organizations`() async throws {
        try await TestNode.serving { server in
            let (ada, bob) = (try await server.person("ada"), try await server.person("bob"))
            let first = try await ada.client.get("/functions/v1/organizations_list").json
            let second = try await bob.client.get("/functions/v1/organizations_list").json
            #expect(first != second)
            #expect(try await ada.client.get("/functions/v1/organizations_list").json == first)
        }
    }

    @Test func `whoever is signed out is refused, cached or not`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            #expect(try await Self.count(person.client) == 1)
            _ = try await person.client.post("/auth/v1/logout")
            #expect(try await person.client.get("/functions/v1/organizations_list").status == 401)
        }
    }

    @Test func `what one node changes the other hears of`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let person = try await one.person()
                let there = TestClient(server: two, headers: person.client.headers)
                for number in 1...10 {
                    #expect(try await Self.count(person.client) == number)
                    try await until("the other node shows \(number)") { try await Self.count(there) == number }
                    _ = try await person.client.post("/functions/v1/organizations_create", ["name": "Another"])
                }
            }
        }
    }
}
