import Codecs
import Features
import Platform
import TestKit
import Testing

/// The page where the code of a letter is typed.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct CodePageTests {
    private static let settings = ["MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true"]

    private func send(
        _ path: String, _ fields: KeyValuePairs<String, String>, _ server: TestServer,
        headers: [(String, String)] = []
    ) async throws -> TestAnswer {
        var client = server.visitor.with("content-type", "application/x-www-form-urlencoded")
        for (name, value) in headers { client = client.with(name, value) }
        return try await client.send(.POST, path, Array(QueryString.encode(fields).utf8))
    }

    private func code(_ email: String, _ code: String, _ type: String) -> KeyValuePairs<String, String> {
        ["email": email, "code": code, "type": type, "redirect_to": ""]
    }

    /// Six digits that are not these.
    private func wrong(_ code: String) -> String { code == "123456" ? "654321" : "123456" }

    private func signUp(_ email: String, _ server: TestServer) async throws -> (page: TestAnswer, code: String) {
        let page = try await send("/account/sign-up", ["email": email, "password": "a good password"], server)
        return (page, try #require(try await server.letter(to: email, of: "confirmation").code))
    }

    @Test func `after a sign-up the page asks for the code, which signs in once, also with a space in it`() async throws
    {
        try await TestNode.serving(settings: Self.settings) { server in
            let (page, digits) = try await signUp("ada@example.com", server)
            #expect(page.text.contains("action=\"/account/code\""))
            #expect(page.text.contains("inputmode=\"numeric\""))
            #expect(page.text.contains("autocomplete=\"one-time-code\""))
            let typed = code("Ada@Example.com", "\(digits.prefix(3)) \(digits.suffix(3))", "signup")
            let done = try await send("/account/code", typed, server)
            #expect(done.status == 200)
            #expect(done.text.contains("http://localhost:3000#access_token="))
            let again = try await send("/account/code", typed, server)
            #expect(again.status == 403)
            #expect(!again.text.contains("access_token"))
        }
    }

    @Test func `the code of a forgotten password leads to a new one`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let (_, first) = try await signUp("bea@example.com", server)
            _ = try await send("/account/code", code("bea@example.com", first, "signup"), server)
            let page = try await send("/account/recover", ["email": "bea@example.com"], server)
            #expect(page.text.contains("Check your email"))
            let digits = try #require(try await server.letter(to: "bea@example.com", of: "recovery").code)
            let done = try await send("/account/code", code("bea@example.com", digits, "recovery"), server)
            #expect(done.text.contains("action=\"/account/password\""))
            #expect(done.text.contains("Save password"))
            #expect(!done.text.contains("access_token"))
        }
    }

    @Test func `a wrong code is told in the language of the page, and after five the right one is none`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let (_, digits) = try await signUp("cal@example.com", server)
            for _ in 0..<5 {
                let page = try await send(
                    "/account/code", code("cal@example.com", wrong(digits), "signup"), server,
                    headers: [("accept-language", "de")])
                #expect(page.status == 403)
                #expect(page.text.contains("role=\"alert\">Dieser Code ist falsch"))
                #expect(page.text.contains("action=\"/account/code\""))
            }
            let late = try await send("/account/code", code("cal@example.com", digits, "signup"), server)
            #expect(late.status == 403)
            #expect(!late.text.contains("access_token"))
        }
    }

    @Test func `an address that nobody has sees the very same pages`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let (_, digits) = try await signUp("dan@example.com", server)
            _ = try await send("/account/code", code("dan@example.com", digits, "signup"), server)
            for path in ["/account/recover", "/account/sign-up"] {
                let known = try await send(path, ["email": "dan@example.com", "password": "a good password"], server)
                let unknown = try await send(path, ["email": "eva@example.com", "password": "a good password"], server)
                #expect(known.status == unknown.status)
                #expect(known.text == unknown.text.replacing("eva@", with: "dan@"), "\(path)")
            }
            let known = try await send("/account/code", code("dan@example.com", "000000", "recovery"), server)
            let unknown = try await send("/account/code", code("fay@example.com", "000000", "recovery"), server)
            #expect(known.status == unknown.status)
            #expect(known.text == unknown.text.replacing("fay@", with: "dan@"))
        }
    }

    @Test func `after fifty wrong codes an hour must pass, however many letters are asked for`() async throws {
        try await GuideTableTests.serving(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_AUTH": "1000"]) { server, _ in
            for _ in 0..<50 {
                let page = try await send("/account/code", code("gus@example.com", "000000", "recovery"), server)
                try #require(page.status == 403)
            }
            let page = try await send("/account/code", code("gus@example.com", "000000", "recovery"), server)
            #expect(page.status == 429)
            #expect(page.text.contains("Please wait a while"))
            #expect(page.text.contains("action=\"/account/code\""))
        }
    }

    @Test func `where the password alone is not enough, the letter's code opens the account all the same`() async throws
    {
        try await GuideTableTests.serving(["RATE_LIMIT_STRICT": "true", "RATE_LIMIT_AUTH": "1000"]) { server, _ in
            let person = try await server.person(from: "198.51.100.1")
            for number in 0..<50 {
                let answer = try await server.visitor.with("x-forwarded-for", "192.0.2.\(number / 5 + 1)").post(
                    "/auth/v1/token?grant_type=password", ["email": .string(person.email), "password": "wrong"])
                try #require(answer.status == 400)
            }
            let page = try await send(
                "/account/sign-in", ["email": person.email, "password": TestPerson.password], server)
            #expect(page.text.contains("role=\"alert\">Too many wrong passwords"))
            #expect(page.text.contains("name=\"type\" value=\"magiclink\""))
            let digits = try #require(try await server.letter(to: person.email, of: "unlock").code)
            let done = try await send("/account/code", code(person.email, digits, "magiclink"), server)
            #expect(done.text.contains("http://localhost:3000#access_token="))
        }
    }

    @Test func `a code that another site's form carries is refused, as is what no page asks a code for`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let (_, digits) = try await signUp("hal@example.com", server)
            let foreign = try await send(
                "/account/code", code("hal@example.com", digits, "signup"), server,
                headers: [("sec-fetch-site", "cross-site")])
            #expect(foreign.status == 403)
            #expect(foreign.text.contains("came from elsewhere"))
            let other = try await send("/account/code", code("hal@example.com", digits, "email_change"), server)
            #expect(other.status == 400)
            let own = try await send("/account/code", code("hal@example.com", digits, "signup"), server)
            #expect(own.text.contains("#access_token="))
        }
    }
}
