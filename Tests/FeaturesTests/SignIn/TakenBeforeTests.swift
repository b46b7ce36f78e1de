import Codecs
import Features
import Platform
import TestKit
import Testing

/// Somebody signs up with an address that is not theirs, before its owner comes.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct TakenBeforeTests {
    private static let settings = ["MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true"]
    private let owner = "owner@example.com"
    private let theirs = "the stranger's own words"
    private let mine = "correct horse battery"

    private func signUp(_ password: String, _ server: TestServer, _ more: JSONObject = [:]) async throws -> TestAnswer {
        var body = more
        (body["email"], body["password"]) = (.string(owner), .string(password))
        let answer = try await server.visitor.post("/auth/v1/signup", .object(body))
        try #require(answer.status == 200, "\(answer.text)")
        try await server.untilIdle()
        return answer
    }

    private func follow(_ letter: TestLetter?, as type: String, _ server: TestServer) async throws {
        let token = try #require(letter?.token)
        let answer = try await server.visitor.post(
            "/auth/v1/verify", ["type": .string(type), "token_hash": .string(token)])
        try #require(answer.status == 200, "\(answer.text)")
    }

    private func signIn(_ password: String, from address: String = "127.0.0.1", _ server: TestServer) async throws
        -> JSON?
    {
        let answer = try await server.visitor.with("x-forwarded-for", address).post(
            "/auth/v1/token?grant_type=password", ["email": .string(owner), "password": .string(password)])
        return answer.status == 200 ? "signed in" : try answer.json["error_code"]
    }

    @Test func `an invitation does not confirm their password`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await signUp(theirs, server)
            let invited = try await server.service().post("/auth/v1/invite", ["email": .string(owner)])
            #expect(invited.status == 200)
            try await follow(try await server.letter(to: owner, of: "invite"), as: "invite", server)
            #expect(try await signIn(theirs, server) != "signed in")
        }
    }

    @Test func `nor does a link of an operator's, whose password counts`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await signUp(theirs, server)
            let made = try await server.service().post(
                "/auth/v1/admin/generate_link",
                ["type": "signup", "email": .string(owner), "password": .string(mine), "data": ["a": 1]])
            #expect(made.status == 200)
            #expect(try made.json["user_metadata"] == ["a": 1])
            let proof: JSON = [
                "type": "signup", "token_hash": .string(try #require(made.json["hashed_token"]?.string)),
            ]
            #expect(try await server.visitor.post("/auth/v1/verify", proof).status == 200)
            #expect(try await signIn(theirs, server) != "signed in")
            #expect(try await signIn(mine, server) == "signed in")
        }
    }

    @Test(arguments: [false, true]) func `nor does their owner's own sign-up`(_ asksAgain: Bool) async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await signUp(theirs, server)
            _ = try await signUp(mine, server, ["data": ["name": "Ada"]])
            var letters = try await server.letters(to: owner, of: "confirmation")
            #expect(letters.count == 2)
            if asksAgain {
                _ = try await server.visitor.post("/auth/v1/resend", ["type": "signup", "email": .string(owner)])
                letters.append(try await server.letter(to: owner, of: "confirmation", after: 2))
            }
            try await follow(letters.last, as: "signup", server)
            // Which of the two the letter was read by is not known.
            #expect(try await signIn(theirs, server) != "signed in")
            #expect(try await signIn(mine, server) != "signed in")
        }
    }

    @Test func `whoever lost the letter and signs up again with their password has it`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let first = try await signUp(mine, server)
            let second = try await signUp(mine, server)
            #expect(try first.json["id"] != second.json["id"])
            let letters = try await server.letters(to: owner, of: "confirmation")
            #expect(letters.count == 2)
            try await follow(letters.last, as: "signup", server)
            #expect(try await signIn(mine, server) == "signed in")
            let count: Int = try await server.node.services.platform.one("select count(*) as n from auth.users") {
                try $0["n"]
            }
            #expect(count == 1)
        }
    }

    @Test func `whoever presses the button twice has their password, and one account`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let body: JSON = ["email": .string(owner), "password": .string(mine)]
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await server.visitor.post("/auth/v1/signup", body).status } }
                for try await status in group { #expect(status == 200) }
            }
            try await server.untilIdle()
            try await follow(try await server.letters(to: owner, of: "confirmation").last, as: "signup", server)
            #expect(try await signIn(mine, server) == "signed in")
        }
    }

    @Test func `what an operator has made is no stranger's to undo`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.service().post(
                "/auth/v1/admin/users",
                ["email": .string(owner), "password": .string(mine), "user_metadata": ["name": "Ada"]])
            _ = try await signUp(theirs, server, ["data": ["name": "Eve"]])
            try await follow(try await server.letter(to: owner, of: "confirmation"), as: "signup", server)
            #expect(try await signIn(theirs, server) != "signed in")
            #expect(try await signIn(mine, server) == "signed in")
            let name: String? = try await server.node.services.platform.one(
                "select raw_user_meta_data ->> 'name' as name from auth.users"
            ) { try $0["name"] }
            #expect(name == "Ada")
        }
    }

    @Test func `what strangers say of themselves does not pile up`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            for number in 0..<4 {
                _ = try await signUp("\(theirs) \(number)", server, ["data": ["k\(number)": "v"]])
            }
            let metadata: JSON = try await server.node.services.platform.one(
                "select raw_user_meta_data as metadata from auth.users"
            ) { try $0["metadata"] }
            #expect(metadata == ["k3": "v"])
        }
    }

    @Test(arguments: ["/auth/v1/otp", "/auth/v1/signup"])
    func `the domain of what stands in for an address is nobody's`(_ path: String) async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let body: JSON = ["email": "x@stand-in.invalid", "password": .string(mine)]
            #expect(try await server.visitor.post(path, body).status == 400)
            try await server.untilIdle()
        }
    }

    @Test func `a deleted person leaves nothing of their sign-up`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await signUp(mine, server)
            let service = try await server.service()
            let id: String = try await server.node.services.platform.one("select id::text as id from auth.users") {
                try $0["id"]
            }
            #expect(try await service.delete("/auth/v1/admin/users/\(id)").status == 200)
            let left: Int = try await server.node.services.platform.one(
                "select count(*) as n from lean.pending_sign_ups"
            ) { try $0["n"] }
            #expect(left == 0)
        }
    }

    /// A sign-up and a sign-in together must not tell what neither tells alone.
    @Test func `a password that was signed up with is answered alike, whether the address was taken or not`()
        async throws
    {
        try await TestNode.serving(settings: Self.settings) { server in
            _ = try await server.service().post(
                "/auth/v1/admin/users",
                ["email": "taken@example.com", "password": .string(mine), "email_confirm": true])
            for email in ["taken@example.com", "free@example.com"] {
                let (ours, foreign) = (server.visitor.with("x-forwarded-for", "192.0.2.1"), "198.51.100.7")
                let body: JSON = ["email": .string(email), "password": .string(theirs)]
                #expect(try await ours.post("/auth/v1/signup", body).status == 200)
                try await server.untilIdle()
                let path = "/auth/v1/token?grant_type=password"
                #expect(try await ours.post(path, body).json["error_code"] == "email_not_confirmed")
                let elsewhere = server.visitor.with("x-forwarded-for", foreign)
                #expect(try await elsewhere.post(path, body).json["error_code"] == "invalid_credentials")
                let wrong: JSON = ["email": .string(email), "password": "no such password"]
                #expect(try await ours.post(path, wrong).json["error_code"] == "invalid_credentials")
            }
            let mine: JSON = ["email": "taken@example.com", "password": .string(mine)]
            let owner = server.visitor.with("x-forwarded-for", "192.0.2.1")
            #expect(try await owner.post("/auth/v1/token?grant_type=password", mine).status == 200)
        }
    }
}
