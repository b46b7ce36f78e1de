import Codecs
import Foundation
import Platform
import Postgres
import TestKit
import Testing

/// The guide's session management.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct OwnSessionTests {
    private static let base = "/functions/v1/auth_session-management"

    private static func logIn(
        _ server: TestServer, _ person: TestPerson, _ more: JSONObject = [:]
    ) async throws -> TestAnswer {
        var body: JSONObject = ["email": .string(person.email), "password": .string(TestPerson.password)]
        for (key, value) in more { body[key] = value }
        return try await server.visitor.with("user-agent", Self.safari).post(Self.base + "/login", .object(body))
    }

    private static let safari =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Version/18.0 Mobile/15E148 Safari/604.1"

    private static func client(_ server: TestServer, _ login: TestAnswer) throws -> TestClient {
        let token = try #require(login.json["session"]?["accessToken"]?.string)
        return server.visitor.with("authorization", "Bearer \(token)")
    }

    /// Whole seconds: Foundation reads no microseconds.
    private static func seconds(_ json: JSON?) throws -> Double {
        let text = try #require(json?.string).replacing(/\.\d+/, with: "")
        return try Date(text, strategy: .iso8601).timeIntervalSince1970
    }

    @Test(arguments: [(false, 86_400.0), (true, 30 * 86_400.0)])
    func `a login lasts a day, or 30 when it is remembered, and its tokens no longer`(
        _ isRemembered: Bool, _ life: Double
    ) async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: ["JWT_EXPIRY": "30d", "REFRESH_TOKEN_EXPIRY": "60d"], clock: clock.wall) {
            server in
            let person = try await server.person()
            let now = clock.wall.now().timeIntervalSince1970
            let answer = try await Self.logIn(server, person, ["rememberMe": .bool(isRemembered)])
            #expect(answer.status == 200)
            let session = try #require(try answer.json["session"])
            #expect(try answer.json["message"] == "Login successful")
            #expect(session["user"]?["id"] == .string(person.id.text))
            #expect(session["user"]?["role"] == "admin")
            #expect(abs(try Self.seconds(session["expiresAt"]) - now - life) < 2)
            let token = try #require(session["accessToken"]?.string)
            let claims = try JSON(parsing: try #require(Base64URL.decode(token.split(separator: ".")[1])))
            #expect(abs((claims["exp"]?.double ?? 0) - now - life) < 2)
            clock.advance(by: .seconds(Int64(life) + 1))
            let refreshed = try await server.visitor.post(
                "/auth/v1/token?grant_type=refresh_token", ["refresh_token": session["refreshToken"] ?? .null])
            #expect(try refreshed.json["error_code"] == "session_expired")
        }
    }

    @Test func `a login that is refused says so alike for known and unknown people`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let wrong = try await Self.logIn(server, person, ["password": "wrong password"])
            let unknown = try await Self.logIn(server, person, ["email": "nobody@example.com"])
            #expect(wrong.status == 401)
            #expect(try wrong.json["error"]?["code"] == "AUTHENTICATION_ERROR")
            #expect(try wrong.json["error"] == unknown.json["error"])
            let empty = try await server.visitor.post(Self.base + "/login", ["email": "a@example.com"])
            #expect(empty.status == 400)
            #expect(try empty.json["error"]?["code"] == "VALIDATION_ERROR")
            _ = try await server.service().put("/auth/v1/admin/users/\(person.id)", ["ban_duration": "1h"])
            let banned = try await Self.logIn(server, person)
            #expect(banned.status == 401)
            #expect(try banned.json["error"]?["message"] == "User is banned")
        }
    }

    @Test func `a sixth wrong password is not looked at, whichever door it comes to`() async throws {
        let limits = ["RATE_LIMIT_DISABLED": "false", "TRUSTED_PROXIES": "127.0.0.1/32"]
        try await TestNode.serving(settings: limits) { server in
            let person = try await server.person()
            for _ in 0..<5 {
                #expect(try await Self.logIn(server, person, ["password": "wrong password"]).status == 401)
            }
            let blocked = try await Self.logIn(server, person)
            #expect(blocked.status == 429)
            #expect(blocked.header("retry-after") != nil)
            let door = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(person.email), "password": .string(TestPerson.password)])
            #expect(door.status == 429)
        }
    }

    @Test func `people see their sessions, what they run on and which is theirs now`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: ["TRUSTED_PROXIES": "127.0.0.1/32"], clock: clock.wall) { server in
            let person = try await server.person()
            _ = try await server.person("eve")
            clock.advance(by: .seconds(60))
            let phone = try Self.client(
                server, await Self.logIn(server, person, ["deviceInfo": ["name": "Ada's phone"]]))
            clock.advance(by: .seconds(600))
            #expect(try await phone.get("/auth/v1/user").status == 200)
            let list = try await phone.get(Self.base + "/sessions")
            #expect(list.status == 200)
            #expect(try list.json["count"] == 2)
            let sessions = try #require(try list.json["sessions"]?.array)
            let own = try #require(sessions.first)
            #expect(own["isCurrent"] == true)
            #expect(own["userEmail"] == .string(person.email))
            #expect(own["userRole"] == "admin")
            #expect(own["ipAddress"] == "127.0.0.1")
            #expect(own["userAgent"] == .string(Self.safari))
            #expect(
                own["deviceInfo"]
                    == ["name": "Ada's phone", "type": "mobile", "browser": "Safari", "os": "iOS"])
            #expect(abs(try Self.seconds(own["lastAccessedAt"]) - Self.seconds(own["createdAt"]) - 600) < 2)
            #expect(sessions.last?["isCurrent"] == false)
            #expect(sessions.allSatisfy { $0["isActive"] == true })
            for secret in [person.accessToken, person.refreshToken] { #expect(!list.text.contains(secret)) }
        }
    }

    @Test func `a revoked session is refused at once, and nobody revokes another's`() async throws {
        try await TestNode.serving { server in
            try await TestNode.serving { elsewhere in
                let person = try await server.person()
                let other = try await server.again(person)
                let there = TestClient(server: elsewhere, headers: other.client.headers)
                #expect(try await there.get("/functions/v1/notes_list").status == 200)
                let sessions = try await person.client.get(Self.base + "/sessions").json["sessions"]?.array ?? []
                let id = try #require(sessions.first { $0["isCurrent"] == false }?["id"]?.string)
                let eve = try await server.person("eve")
                for stranger in [eve.client, eve.client.with("x-session-id", id)] {
                    let path = stranger.headers["x-session-id"] == nil ? "/sessions/\(id)" : "/logout"
                    #expect(try await stranger.delete(Self.base + path).status == 404)
                }
                #expect(try await there.get("/functions/v1/notes_list").status == 200)
                let done = try await person.client.delete(Self.base + "/sessions/" + id)
                #expect(done.status == 200)
                #expect(try done.json["message"] == "Session revoked successfully")
                #expect(try await there.get("/functions/v1/notes_list").status == 401)
                #expect(try await other.client.get("/auth/v1/user").status == 401)
                #expect(try await person.client.get("/auth/v1/user").status == 200)
                #expect(try await person.client.delete(Self.base + "/sessions/" + id).status == 404)
            }
        }
    }

    @Test func `logging out ends the session of the token, or the one that is named`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let other = try await server.again(person)
            let sessions = try await person.client.get(Self.base + "/sessions").json["sessions"]?.array ?? []
            let id = try #require(sessions.first { $0["isCurrent"] == false }?["id"]?.string)
            let bad = try await person.client.with("x-session-id", "me").delete(Self.base + "/logout")
            #expect(bad.status == 400)
            #expect(try bad.json["error"]?["code"] == "SESSION_ID_REQUIRED")
            #expect(try await server.visitor.with("x-session-id", id).delete(Self.base + "/logout").status == 401)
            #expect(try await person.client.with("x-session-id", id).delete(Self.base + "/logout").status == 200)
            #expect(try await other.client.get("/auth/v1/user").status == 401)
            #expect(try await person.client.delete(Self.base + "/logout").status == 200)
            #expect(try await person.client.get("/functions/v1/auth_profile-management/profile").status == 401)
        }
    }
}

/// SESSIONS_TIMEBOX, SESSIONS_INACTIVITY_TIMEOUT, SESSIONS_SINGLE_PER_USER.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SessionRuleTests {
    private static func refresh(_ server: TestServer, _ token: String) async throws -> TestAnswer {
        try await server.visitor.post("/auth/v1/token?grant_type=refresh_token", ["refresh_token": .string(token)])
    }

    @Test func `a session ends when its time is over, however busy it is`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: ["SESSIONS_TIMEBOX": "1h"], clock: clock.wall) { server in
            let person = try await server.person()
            clock.advance(by: .seconds(3_000))
            let child = try await Self.refresh(server, person.refreshToken)
            #expect(child.status == 200)
            #expect((try child.json["expires_in"]?.int ?? 0) <= 600)
            clock.advance(by: .seconds(601))
            let token = try #require(try child.json["refresh_token"]?.string)
            let answer = try await Self.refresh(server, token)
            #expect(try answer.json["error_code"] == "session_expired")
            let access = try #require(try child.json["access_token"]?.string)
            let client = server.visitor.with("authorization", "Bearer \(access)")
            #expect(try await client.get("/auth/v1/user").status == 401)
        }
    }

    @Test func `a session that nobody refreshes ends, and one that is refreshed goes on`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(settings: ["SESSIONS_INACTIVITY_TIMEOUT": "1h"], clock: clock.wall) { server in
            let busy = try await server.person("busy")
            let idle = try await server.person("idle")
            var token = busy.refreshToken
            for _ in 0..<3 {
                clock.advance(by: .seconds(1_800))
                let answer = try await Self.refresh(server, token)
                #expect(answer.status == 200)
                #expect((try answer.json["expires_in"]?.int ?? 0) <= 3_600)
                token = try #require(try answer.json["refresh_token"]?.string)
            }
            #expect(try await idle.client.get("/auth/v1/user").status == 401)
            #expect(try await Self.refresh(server, idle.refreshToken).json["error_code"] == "session_expired")
            // It is gone, not only refused.
            #expect(try await Self.refresh(server, idle.refreshToken).json["error_code"] == "refresh_token_not_found")
        }
    }

    @Test func `with one session for each person a sign-in ends the others`() async throws {
        try await TestNode.serving(settings: ["SESSIONS_SINGLE_PER_USER": "true"]) { server in
            let person = try await server.person()
            let eve = try await server.person("eve")
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            let later = try await server.again(person)
            #expect(try await person.client.get("/auth/v1/user").status == 401)
            #expect(try await person.client.get("/functions/v1/notes_list").status == 401)
            #expect(try await later.client.get("/auth/v1/user").status == 200)
            #expect(try await eve.client.get("/auth/v1/user").status == 200)
        }
    }
}
