import Codecs
import Features
import Platform
import TestKit
import Testing

/// What people see of a refusal.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct RefusalPageTests {
    private static let form = "application/x-www-form-urlencoded"

    private func german(_ server: TestServer) -> TestClient {
        server.visitor.with("accept-language", "de-AT,de;q=0.9,en;q=0.1")
    }

    /// Of every page that refuses: the product, a way onward, and in small print what can be told us; but no word of HTTP.
    private func expectWhole(_ page: TestAnswer, _ status: Int, _ title: String, _ code: String) {
        #expect(page.status == status)
        #expect(page.headers["content-type"].first == "text/html; charset=utf-8")
        #expect(page.text.contains("<html lang=\"de\">"))
        #expect(page.text.contains("<title>\(title) · Lean SaaS</title>"))
        #expect(page.text.contains("<p class=\"brand\">Lean SaaS</p>"))
        #expect(page.text.contains("href=\"http://localhost:3000\">Zu Lean SaaS</a>"))
        let id = page.headers["x-request-id"].first ?? "none"
        #expect(page.text.contains("<p class=\"quiet\">\(code) · \(id)</p>"))
        #expect(!page.text.contains("Retry-After"))
    }

    @Test func `a page that is not there, and one that only a form leads to, say so in the visitor's language`()
        async throws
    {
        try await TestNode.serving { server in
            for path in ["/account/nothing", "/account/", "/account"] {
                let page = try await german(server).get(path)
                expectWhole(page, 404, "Diese Seite gibt es nicht", "NOT_FOUND")
                #expect(!page.text.contains("Noch einmal"))
            }
            let direct = try await german(server).get("/account/verify")
            expectWhole(direct, 405, "Diese Seite lässt sich nicht direkt öffnen", "METHOD_NOT_ALLOWED")
            #expect(direct.headers["allow"].first?.contains("POST") == true)
            let english = try await server.visitor.get("/account/nothing")
            #expect(english.text.contains("There is no such page"))
        }
    }

    @Test func `a form from elsewhere, too large, or none of ours leads back to the page that it is for`() async throws
    {
        try await TestNode.serving { server in
            let client = german(server).with("content-type", Self.form)
            let again = "<a class=\"button\" href=\"/account/sign-in\">Noch einmal versuchen</a>"
            let foreign = try await client.with("sec-fetch-site", "cross-site").send(.POST, "/account/sign-in", [])
            expectWhole(foreign, 403, "Dieses Formular kam von anderswo", "FOREIGN_FORM")
            #expect(foreign.text.contains(again))
            let large = try await client.send(.POST, "/account/sign-in", Array(repeating: 97, count: 1_100_000))
            expectWhole(large, 413, "Das ist zu viel", "REQUEST_TOO_LARGE")
            let other = try await german(server).with("content-type", "image/png").send(
                .POST, "/account/sign-in", [1])
            expectWhole(other, 415, "Das lässt sich nicht lesen", "UNSUPPORTED_MEDIA_TYPE")
            let long = try await client.send(
                .POST, "/account/sign-in", Array("email=\(String(repeating: "a", count: 300))".utf8))
            expectWhole(long, 400, "Das hat nicht geklappt", "VALIDATION_ERROR")
            #expect(long.text.contains(again))
        }
    }

    @Test func `who tries too often is told how many minutes to wait, by a page or above the form`() async throws {
        try await GuideTableTests.serving { server, _ in
            let client = german(server).with("content-type", Self.form)
            let form = Array(QueryString.encode(["email": "ada@example.com", "password": "wrong"]).utf8)
            for _ in 0..<5 { _ = try await client.send(.POST, "/account/sign-in", form) }
            let signIn = try await client.send(.POST, "/account/sign-in", form)
            #expect(signIn.status == 429)
            #expect(signIn.headers["retry-after"].first == "900")
            #expect(signIn.text.contains("role=\"alert\">Bitte versuche es in 15 Minuten noch einmal."))
            #expect(signIn.text.contains("value=\"ada@example.com\""))
        }
        try await GuideTableTests.serving { server, _ in
            let client = german(server).with("content-type", Self.form)
            let form = Array(QueryString.encode(["email": "ada@example.com", "password": "short"]).utf8)
            let (_, refusal) = try await GuideTableTests.admissions(3) {
                try await client.send(.POST, "/account/sign-up", form)
            }
            expectWhole(refusal, 429, "Zu viele Versuche", "RATE_LIMIT_EXCEEDED")
            #expect(refusal.text.contains("Bitte versuche es in 60 Minuten noch einmal."))
            #expect(refusal.text.contains("href=\"/account/sign-up\">Noch einmal versuchen"))
        }
    }

    @Test
    func `during maintenance a page shows what the operator wrote, and our own sentence in the visitor's language`()
        async throws
    {
        try await TestNode.serving { server in
            let maintenance = server.node.services.maintenance
            maintenance.set("We move to a new house: back at <noon>.")
            let page = try await german(server).get("/account/sign-in")
            expectWhole(page, 503, "Wegen Wartung geschlossen", "SERVICE_UNAVAILABLE")
            #expect(page.text.contains("We move to a new house: back at &lt;noon&gt;."))
            maintenance.set("System maintenance in progress")
            let usual = try await german(server).get("/account/sign-in")
            #expect(usual.text.contains("Wir arbeiten daran"))
            #expect(!usual.text.contains("System maintenance"))
            maintenance.set(nil)
            #expect(try await german(server).get("/account/sign-in").status == 200)
        }
    }

    @Test func `without letters a page says that none can be sent`() async throws {
        try await TestNode.serving(settings: ["FEATURE_EMAIL": "false"]) { server in
            let page = try await german(server).with("content-type", Self.form).send(
                .POST, "/account/recover", Array("email=ada%40example.com".utf8))
            #expect(page.text.contains("Zurzeit können keine E-Mails verschickt werden."))
        }
    }

    @Test func `a link that lost a part on its way shows the page for an ended one, which leads to a new one`()
        async throws
    {
        try await TestNode.serving { server in
            for query in [
                "", "?token=abc", "?token=&type=signup", "?type=signup", "?token=abc&type=", "?token=a&type=x",
            ] {
                let page = try await server.visitor.get("/auth/v1/verify" + query)
                #expect(page.status == 200, "\(query)")
                #expect(page.text.contains("no longer works"), "\(query)")
                #expect(page.text.contains("href=\"/account/recover\""), "\(query)")
            }
        }
    }
}
