import Codecs
import Features
import Platform
import TestKit
import Testing

/// A change of address, and whoever would use it to take an account.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AddressChangeTests {
    private static let settings = ["RATE_LIMIT_DISABLED": "true", "EXTERNAL_ANONYMOUS_USERS_ENABLED": "true"]
    private let new = "new@example.com"

    private func verify(_ letter: TestLetter, _ server: TestServer) async throws -> TestAnswer {
        let token = try #require(letter.token)
        return try await server.visitor.post(
            "/auth/v1/verify", ["type": "email_change", "token_hash": .string(token)])
    }

    private func wish(_ person: TestPerson, _ more: JSONObject = [:]) async throws {
        var body = more
        body["email"] = .string(new)
        let answer = try await person.client.put("/auth/v1/user", .object(body))
        try #require(answer.status == 200, "\(answer.text)")
        #expect(try answer.json["email"] == .string(person.email))
        #expect(try answer.json["new_email"] == .string(new))
    }

    private func resend(_ address: String, _ server: TestServer) async throws {
        let answer = try await server.visitor.post(
            "/auth/v1/resend", ["type": "email_change", "email": .string(address)])
        #expect(answer.status == 200)
        try await server.untilIdle()
    }

    private func address(of person: TestPerson, _ server: TestServer) async throws -> String? {
        try await server.node.services.platform.one("select email from auth.users where id = \(person.id)") {
            try $0["email"]
        }
    }

    @Test(arguments: [true, false])
    func `both addresses agree, whichever comes first, and nobody is told whose account it is`(
        _ isNewFirst: Bool
    ) async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            try await wish(ada)
            var letters = [
                try await server.letter(to: new), try await server.letter(to: ada.email, of: "email_change_current"),
            ]
            if !isNewFirst { letters.reverse() }
            let half = try await verify(letters[0], server)
            #expect(half.status == 200)
            #expect(try half.json["code"] == "200")
            #expect(try half.json["access_token"] == nil)
            #expect(!half.text.contains(ada.id.text))
            #expect(half.text.contains(isNewFirst ? new : ada.email))
            #expect(!half.text.contains(isNewFirst ? ada.email : new))
            #expect(try await address(of: ada, server) == ada.email)
            let whole = try await verify(letters[1], server)
            #expect(whole.status == 200, "\(whole.text)")
            #expect(try whole.json["user"]?["email"] == .string(new))
            #expect(try whole.json["user"]?["new_email"] == nil)
        }
    }

    @Test func `both at once are two that agree`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            try await wish(ada)
            let letters = [
                try await server.letter(to: new), try await server.letter(to: ada.email, of: "email_change_current"),
            ]
            async let one = verify(letters[0], server)
            async let two = verify(letters[1], server)
            let signedIn = [try await one, try await two].filter { $0.text.contains("access_token") }
            #expect(signedIn.count == 1)
            #expect(try await address(of: ada, server) == new)
        }
    }

    /// Somebody with a stolen session and a mailbox of their own.
    @Test func `one address that agrees twice is not two that agree`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            try await wish(ada)
            #expect(try await verify(try await server.letter(to: new), server).status == 200)
            // Asked for once more, the letter goes to whoever has yet to agree.
            try await resend(new, server)
            #expect(try await server.letters(to: new).count == 1)
            #expect(try await server.letters(to: ada.email, of: "email_change_current").count == 2)
            try await wish(ada)
            for round in 1...2 {
                let again = try await verify(try await server.letter(to: new, after: round), server)
                #expect(try again.json["access_token"] == nil)
                #expect(try await address(of: ada, server) == ada.email)
                try await wish(ada)
            }
            // Its owner's word is still needed, and still enough.
            #expect(try await verify(try await server.letter(to: new, after: 3), server).status == 200)
            let letters = try await server.letters(to: ada.email, of: "email_change_current")
            #expect(letters.count == 5)
            #expect(try await verify(try #require(letters.last), server).json["access_token"] != nil)
        }
    }

    @Test func `who has agreed need not again, and what was sent stays good, whatever strangers ask for`() async throws
    {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            try await wish(ada)
            let current = try await server.letter(to: ada.email, of: "email_change_current")
            #expect(try await verify(try await server.letter(to: new), server).status == 200)
            for _ in 0..<22 {
                _ = try await server.visitor.post("/auth/v1/otp", ["email": .string(ada.email)])
                try await server.untilIdle()
            }
            try await resend(ada.email, server)
            #expect(try await server.letters(to: ada.email, of: "email_change_current").count == 1)
            #expect(try await verify(current, server).json["access_token"] != nil)
            #expect(try await address(of: ada, server) == new)
        }
    }

    @Test func `of two wishes one after the other, the letters are the last one's`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            for email in ["first@example.com", new] {
                let answer = try await ada.client.put("/auth/v1/user", ["email": .string(email)])
                #expect(answer.status == 200)
            }
            try await server.untilIdle()
            #expect(try await server.letters(to: new).count == 1)
            let stale = try await server.letters(to: "first@example.com").first
            if let stale { #expect(try await verify(stale, server).status == 403) }
            #expect(try await verify(try await server.letter(to: new), server).status == 200)
        }
    }

    @Test func `a password that was set before anybody confirmed the former address does not come along`() async throws
    {
        let settings = Self.settings.merging(["MAILER_AUTOCONFIRM": "false"]) { $1 }
        try await TestNode.serving(settings: settings) { server in
            let stranger: JSON = ["email": "owner@example.com", "password": "the stranger's own words"]
            _ = try await server.visitor.post("/auth/v1/signup", stranger)
            try await server.untilIdle()
            let service = try await server.service()
            for type in ["email_change_current", "email_change_new"] {
                let made = try await service.post(
                    "/auth/v1/admin/generate_link",
                    ["type": .string(type), "email": "owner@example.com", "new_email": .string(new)])
                let proof: JSON = [
                    "type": "email_change", "token_hash": .string(try #require(made.json["hashed_token"]?.string)),
                ]
                #expect(try await server.visitor.post("/auth/v1/verify", proof).status == 200)
                if type == "email_change_current" { continue }
            }
            let signIn = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(new), "password": "the stranger's own words"])
            #expect(signIn.status == 400)
        }
    }

    @Test(arguments: ["the password was changed", "it was changed by letter", "an operator changed it"])
    func `a change that waits, and every open link, end when`(_ case: String) async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            try await wish(ada)
            let stale = try await server.letter(to: new)
            _ = try await server.visitor.post("/auth/v1/otp", ["email": .string(ada.email)])
            let link = try #require(try await server.letter(to: ada.email, of: "magic_link").token)
            switch `case` {
            case "the password was changed":
                let change = try await ada.client.put("/auth/v1/user", ["password": "another correct horse"])
                #expect(change.status == 200)
            case "it was changed by letter":
                _ = try await server.visitor.post("/auth/v1/recover", ["email": .string(ada.email)])
                let token = try #require(try await server.letter(to: ada.email, of: "recovery").token)
                let page = try await server.visitor.post(
                    "/account/verify", ["token": .string(token), "type": "recovery"])
                let grant = try #require(page.text.firstMatch(of: /name="grant" value="([^"]+)"/)?.output.1)
                let set = try await server.visitor.post(
                    "/account/password", ["grant": .string(String(grant)), "password": "another correct horse"])
                #expect(set.status == 200)
            default:
                let change = try await server.service().put(
                    "/auth/v1/admin/users/\(ada.id.text)", ["password": "another correct horse"])
                #expect(change.status == 200)
            }
            #expect(try await verify(stale, server).status == 403)
            try await resend(new, server)
            #expect(try await server.letters(to: new).count == 1)
            let magic: JSON = ["type": "magiclink", "token_hash": .string(link)]
            #expect(try await server.visitor.post("/auth/v1/verify", magic).status == 403)
            #expect(try await address(of: ada, server) == ada.email)
        }
    }

    @Test func `a letter that went to the former address opens the account no more`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let ada = try await server.person()
            _ = try await server.visitor.post("/auth/v1/recover", ["email": .string(ada.email)])
            let old = try #require(try await server.letter(to: ada.email, of: "recovery").token)
            try await wish(ada)
            #expect(try await verify(try await server.letter(to: new), server).status == 200)
            let current = try await server.letter(to: ada.email, of: "email_change_current")
            #expect(try await verify(current, server).status == 200)
            let proof: JSON = ["type": "recovery", "token_hash": .string(old)]
            #expect(try await server.visitor.post("/auth/v1/verify", proof).status == 403)
        }
    }

    @Test func `an address that two people wish for is sent nothing for whoever else asks`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let (ada, eve) = (try await server.person(), try await server.person("eve"))
            try await wish(ada)
            try await wish(eve)
            try await server.untilIdle()
            #expect(try await server.letters(to: new).count == 2)
            try await resend(new, server)
            #expect(try await server.letters(to: new).count == 2)
            // By the present address it is clear whose it is.
            try await resend(ada.email, server)
            #expect(try await server.letters(to: new).count == 3)
            #expect(try await server.letters(to: ada.email, of: "email_change_current").count == 2)
        }
    }

    @Test func `a client with PKCE gets a code, of the change and of what is sent once more`() async throws {
        let settings = Self.settings.merging(["MAILER_SECURE_EMAIL_CHANGE_ENABLED": "false"]) { $1 }
        try await TestNode.serving(settings: settings) { server in
            let ada = try await server.person()
            let verifier = String(repeating: "v", count: 43)
            let challenge: JSONObject = ["code_challenge": .string(verifier), "code_challenge_method": "plain"]
            try await wish(ada, challenge)
            #expect(try await server.letter(to: new).token?.hasPrefix("pkce_") == true)
            var again = challenge
            (again["type"], again["email"]) = ("email_change", .string(ada.email))
            _ = try await server.visitor.post("/auth/v1/resend", .object(again))
            let token = try #require(try await server.letter(to: new, after: 1).token)
            #expect(token.hasPrefix("pkce_"))
            let page = try await server.visitor.post(
                "/account/verify", ["token": .string(token), "type": "email_change"])
            let code = try #require(page.text.firstMatch(of: /\?code=([A-Za-z0-9_-]+)/)?.output.1)
            let answer = try await server.visitor.post(
                "/auth/v1/token?grant_type=pkce",
                ["auth_code": .string(String(code)), "code_verifier": .string(verifier)])
            #expect(try answer.json["user"]?["email"] == .string(new))
        }
    }
}
