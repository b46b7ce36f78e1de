import Codecs
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct RefreshTests {
    private static func refresh(_ server: TestServer, _ token: String) async throws -> TestAnswer {
        try await server.visitor.post("/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(token)])
    }

    @Test func `a refresh gives a new token of the same session`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let answer = try await Self.refresh(server, person.refreshToken)
            #expect(answer.status == 200)
            #expect(try answer.json["refresh_token"] != .string(person.refreshToken))
            #expect(try answer.json["user"]?["id"] == .string(person.id.text))
        }
    }

    @Test func `a used token gives the same child within ten seconds`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let first = try await Self.refresh(server, person.refreshToken).json["refresh_token"]
            let second = try await Self.refresh(server, person.refreshToken).json["refresh_token"]
            #expect(first != nil)
            #expect(first == second)
        }
    }

    @Test func `twenty refreshes at once all get the same child`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let children = try await withThrowingTaskGroup(of: JSON?.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await Self.refresh(server, person.refreshToken).json["refresh_token"] }
                }
                return try await group.reduce(into: Set<JSON?>()) { $0.insert($1) }
            }
            #expect(children.count == 1)
            #expect(!children.contains(nil))
        }
    }

    @Test func `reuse after the interval ends the session, its newest descendant and its access token`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let person = try await server.person()
            let child = try #require(try await Self.refresh(server, person.refreshToken).json["refresh_token"]?.string)
            clock.advance(by: .seconds(11))
            let grandchild = try #require(try await Self.refresh(server, child).json["refresh_token"]?.string)
            let reused = try await Self.refresh(server, person.refreshToken)
            #expect(reused.status == 400)
            #expect(try reused.json["error_code"] == "refresh_token_already_used")
            #expect(try await Self.refresh(server, grandchild).status == 400)
            #expect(try await person.client.get("/auth/v1/user").status == 401)
            #expect(try await person.client.get("/functions/v1/notes_list").status == 401)
        }
    }

    @Test func `a token older than REFRESH_TOKEN_EXPIRY is refused`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: .seconds(31 * 86_400))
            let answer = try await Self.refresh(server, person.refreshToken)
            #expect(try answer.json["error_code"] == "refresh_token_not_found")
        }
    }

    @Test func `an invented token is not found`() async throws {
        try await TestNode.serving { server in
            let answer = try await Self.refresh(server, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
            #expect(answer.status == 400)
            #expect(try answer.json["error_code"] == "refresh_token_not_found")
        }
    }
}
