import Codecs
import Platform
import Postgres
import TestKit
import Testing

/// A session that is ended on one node is refused by the other.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct TwoNodesTests {
    @Test func `the other node refuses at once what touches the database`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                for _ in 0..<20 {
                    let person = try await one.person()
                    let there = TestClient(server: two, headers: person.client.headers)
                    #expect(try await there.get("/functions/v1/notes_list").status == 200)
                    #expect(try await person.client.post("/auth/v1/logout").status == 204)
                    #expect(try await there.get("/functions/v1/notes_list").status == 401)
                }
            }
        }
    }

    @Test func `the other node stops believing what it remembers`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let person = try await one.person()
                let there = TestClient(server: two, headers: person.client.headers)
                for _ in 0..<10 { #expect(try await there.get("/auth/v1/user").status == 200) }
                #expect(try await person.client.post("/auth/v1/logout").status == 204)
                try await until("the other node refuses", limit: .seconds(5)) {
                    try await there.get("/auth/v1/user").status != 200
                }
            }
        }
    }

    @Test func `a node that lost its notifications asks the database`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let person = try await one.person()
                let there = TestClient(server: two, headers: person.client.headers)
                #expect(try await there.get("/auth/v1/user").status == 200)
                let admin = try await TestDatabase.current.pool(as: "postgres")
                try await admin.run(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and usename = 'authenticator'
                      and (query like 'listen%' or query = 'select ''listening''')
                    """)
                #expect(try await person.client.post("/auth/v1/logout").status == 204)
                try await until("the other node refuses", limit: .seconds(5)) {
                    try await there.get("/auth/v1/user").status != 200
                }
                await admin.close()
            }
        }
    }
}
