import Foundation
import TestKit
import Testing

/// `leansaas check`, `leansaas mail texts`, and settings that commands heed.
@Suite(.timeLimit(.minutes(10))) struct SettingsCommandTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func random() -> String { UUID().uuidString + UUID().uuidString }

    /// The block of the second step, with what an operator puts in place of each `…`.
    private static func settings() throws -> [String: String] {
        let page = try String(contentsOf: root.appending(path: "docs/operating/README.md"), encoding: .utf8)
        let block = try #require(
            page.split(separator: "```").map(String.init).first { $0.contains("NODE_ENV=production") })
        var settings: [String: String] = [:]
        for line in block.split(separator: "\n").dropFirst() {
            let parts = line.trimmingCharacters(in: .whitespaces).split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = parts[1].split(separator: " ").first else { continue }
            settings[String(parts[0])] = value.replacingOccurrences(of: "…", with: random())
        }
        return settings
    }

    @Test func `the settings of the operators' page, as they stand there, are fit for production`() async throws {
        let outcome = try await Program(try Self.settings()).run("check", "--production")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(!outcome.output.contains("ENCRYPTION_KEY"))
    }

    @Test func `check names what is not set, in good English`() async throws {
        var settings = try Self.settings()
        settings["EMAIL_FROM"] = nil
        settings["ENCRYPTION_KEY"] = nil
        let outcome = try await Program(settings).run("check", "--production")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("for 1 reason:\n"), "\(outcome.output)")
        #expect(outcome.output.contains("EMAIL_FROM is not set"))
        #expect(outcome.output.contains("ENCRYPTION_KEY: is not set: the audit log is not signed"))
    }

    @Test func `letters' texts are written to be changed, and check tells all that are wrong`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "texts-\(UUID().uuidString)")
        var settings = try Self.settings()
        settings["MAIL_TEXTS_DIR"] = folder.path
        let leansaas = Program(settings)
        let written = try await leansaas.run("mail", "texts")
        #expect(written.status == 0, "\(written.complaint)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(written.lines == ["\(names.count) texts are in \(folder.path)"])
        #expect(names.contains("recovery.de.txt") && names.count > 50)
        #expect(try await leansaas.run("check").status == 0)
        for name in ["recovery.de.txt", "invite.fr.txt"] {
            try "Subject: x\n\nNo way on\n".write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        let wrong = try await leansaas.run("check")
        #expect(wrong.status == 1)
        for name in ["recovery.de.txt", "invite.fr.txt"] {
            #expect(wrong.output.contains("\(name): its text names no link and no code"), "\(wrong.output)")
        }
        let refused = try await leansaas.run("mail", "texts", folder.path)
        #expect(refused.status == 1)
        #expect(refused.complaint.contains("recovery.de.txt is there already"))
        #expect(try await leansaas.run("mail", "texts", folder.path, "--force").status == 0)
        #expect(try await leansaas.run("check").status == 0)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `dev heeds PORT`() async throws {
        let outcome = try await Program(["PORT": "none"]).run("dev")
        #expect(outcome.status == 1)
        #expect(outcome.complaint.contains("PORT is not a"), "\(outcome.complaint)")
    }
}
