import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

@testable import Features

/// The golden files of the product.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct GoldenTests {
    /// A node as a newcomer's settings make one.
    private func node() async throws -> Node {
        try await TestNode.make(settings: ["NODE_ENV": "development"])
    }

    @Test func `Golden: the routes`() async throws {
        try Golden.expect(RouteList.text(try await node().product) + "\n", at: "Tests/Golden/routes.txt")
    }

    @Test func `Golden: the description`() async throws {
        let product = try await node().product
        let undescribed = product.routes.filter { $0.success == nil }.map(\.path)
        #expect(undescribed == [], "say with `answers` what these answer")
        let document = OpenAPI.document(product, version: "0.0.0", url: "http://localhost:54321")
        try Golden.expect(OpenAPI.pretty(document), at: "Tests/Golden/openapi.json")
        try Golden.expect(ProblemPage.render(product), at: "docs/reference/problems.md")
        try Golden.expect(RoutePage.render(product), at: "docs/reference/routes.md")
        try Golden.expect(EventPage.render(product), at: "docs/reference/events.md")
    }

    @Test func `Golden: the permissions`() async throws {
        try Golden.expect(PermissionPage.render(try await node().product), at: "docs/reference/permissions.md")
    }

    @Test func `Golden: the settings`() async throws {
        let report = try await node().services.settings
        try Golden.expect(SettingsPage.render(report), at: "docs/reference/settings.md")
        try Golden.expect(EnvExample.render(report), at: ".env.example")
    }

    @Test func `Golden: the letters`() async throws {
        let letters = try await node().services.mail.letters
        var names: [String] = []
        for (kind, language) in letters.all {
            let values = kind.topic == .notification ? Self.notice(in: language) : Self.values
            let letter = Letter(kind, to: "ada@example.com", in: language, values)
            let text = try #require(letters.text(of: letter))
            let name = "\(kind.name).\(language.rawValue)"
            try Golden.expect("Subject: \(text.subject)\n\n\(text.text)", at: "Tests/Golden/mail/\(name).txt")
            try Golden.expect(text.html + "\n", at: "Tests/Golden/mail/\(name).html")
            names += ["\(name).html", "\(name).txt"]
        }
        #expect(try Golden.names(in: "Tests/Golden/mail") == names.sorted())
    }

    /// What stands in the previews of letters.
    private static let values = [
        "link": "https://api.example.com/auth/v1/verify?token=Zr7hX0o2mB3lq9Yd5uTnWw&type=magiclink", "code": "123456",
        "minutes": "60", "address": "ada.lovelace@example.com",
    ]

    private static func notice(in language: Language) -> [String: String] {
        [
            "link": "https://api.example.com/account/recover", "address": "203.0.113.*",
            "device": Device.spoken("Firefox on Linux", in: language), "time": "2026-03-01 09:30 UTC",
        ]
    }

    @Test func `Golden: the schema`() async throws {
        try Golden.expect(try await SchemaDump.text(), at: "Tests/Golden/schema.sql")
    }
}
