import Features
import Foundation
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// What is made from the code and committed. `scripts/golden` writes it anew.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct GoldenTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func expect(_ text: String, at path: String) throws {
        let file = Self.root.appendingPathComponent(path)
        if ProcessInfo.processInfo.environment["LEAN_GOLDEN"] == "write" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == text, "\(path) is not what the code says; run scripts/golden and look at what changed")
    }

    /// A node as a newcomer's settings make one.
    private func node() async throws -> Node {
        try await TestNode.make(settings: ["NODE_ENV": "development"])
    }

    @Test func `Golden: the routes`() async throws {
        try expect(RouteList.text(try await node().product) + "\n", at: "Tests/Golden/routes.txt")
    }

    @Test func `Golden: the description`() async throws {
        let product = try await node().product
        let undescribed = product.routes.filter { $0.success == nil }.map(\.path)
        #expect(undescribed == [], "say with `answers` what these answer")
        let document = OpenAPI.document(product, version: "0.0.0", url: "http://localhost:54321")
        try expect(OpenAPI.pretty(document), at: "Tests/Golden/openapi.json")
        try expect(ProblemPage.render(product), at: "docs/reference/problems.md")
        try expect(RoutePage.render(product), at: "docs/reference/routes.md")
        try expect(EventPage.render(product), at: "docs/reference/events.md")
    }

    @Test func `Golden: the permissions`() async throws {
        try expect(PermissionPage.render(try await node().product), at: "docs/reference/permissions.md")
    }

    @Test func `Golden: the settings`() async throws {
        let report = try await node().services.settings
        try expect(SettingsPage.render(report), at: "docs/reference/settings.md")
        try expect(EnvExample.render(report), at: ".env.example")
    }

    @Test func `Golden: the letters`() async throws {
        let letters = try await node().services.mail.letters
        var names: [String] = []
        for (kind, language) in letters.all {
            let values = kind.name == "new_device" ? Self.newDevice : Self.values
            let letter = Letter(kind, to: "ada@example.com", in: language, values)
            let text = try #require(letters.text(of: letter))
            let name = "\(kind.name).\(language.rawValue)"
            try expect("Subject: \(text.subject)\n\n\(text.text)", at: "Tests/Golden/mail/\(name).txt")
            try expect(text.html + "\n", at: "Tests/Golden/mail/\(name).html")
            names += ["\(name).html", "\(name).txt"]
        }
        let folder = Self.root.appendingPathComponent("Tests/Golden/mail").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names.sorted())
    }

    /// What stands in the previews of letters.
    private static let values = [
        "link": "https://api.example.com/auth/v1/verify?token=Zr7hX0o2mB3lq9Yd5uTnWw&type=magiclink", "code": "123456",
        "minutes": "60", "address": "ada.lovelace@example.com",
    ]
    private static let newDevice = [
        "link": "https://api.example.com/account/recover", "address": "203.0.113.*", "device": "Firefox on Linux",
        "time": "2026-03-01 09:30 UTC",
    ]

    @Test func `Golden: the schema`() async throws {
        try expect(try await SchemaDump.text(), at: "Tests/Golden/schema.sql")
    }
}
