import Foundation
import Testing

@testable import Features
@testable import Platform

/// Texts of letters, and the values in them.
struct LetterTests {
    private func letters(_ kinds: [LetterKind] = LetterKind.signIn, folder: String? = nil) throws -> Letters {
        try Letters(kinds, folder: folder, product: "Größe & <Söhne>", site: "https://app.example.com")
    }

    @Test func `every letter has a text in every language, with its values in both forms`() throws {
        let letters = try letters()
        for (kind, language) in letters.all {
            let values = Dictionary(uniqueKeysWithValues: kind.variables.map { ($0, "value-of-\($0)") })
            let text = try #require(letters.text(of: Letter(kind, to: "a@b.cd", in: language, values)))
            #expect(!text.subject.isEmpty && !text.subject.contains("{{"))
            for form in [text.text, text.html] {
                #expect(!form.contains("{{"), "\(kind.name) \(language)")
                for value in values.values {
                    #expect(form.contains(value), "\(kind.name) \(language): \(value)")
                }
            }
            #expect(text.html.contains("<html lang=\"\(language.rawValue)\">"))
            #expect(text.html.contains("Größe &amp; &lt;Söhne&gt;"))
        }
    }

    @Test func `a value makes no element, no link and no line`() throws {
        let letter = Letter(
            .newDevice, to: "a@b.cd", in: .english,
            [
                "device": "<img src=x>\n\n[Sign in](https://evil.example)\r\nSubject: other", "time": "`now`",
                "address": "[x](https://evil.example)", "link": "https://app.example.com/recover",
            ])
        let text = try #require(try letters().text(of: letter))
        #expect(!text.html.contains("<img"))
        #expect(!text.html.contains("href=\"https://evil.example\""))
        #expect(!text.text.contains("\nSubject: other"))
        #expect(text.text.split(separator: "\n").count == 4)
    }

    @Test(arguments: [
        "", "No subject\n\nText", "Subject: Only that", "Subject: x\n\nHello {{unknown}}", "Subject: {{\n\nText",
        "Subject: x\n\n[Label]({{nowhere}})",
    ])
    func `a text that is none keeps the product from starting`(_ text: String) {
        let kind = LetterKind(
            "broken", topic: .notification, variables: [], english: text, spanish: text, german: text, french: text,
            vietnamese: text)
        #expect(throws: LetterFault.self) { try letters([kind]) }
    }

    @Test func `an operator's file replaces one text, and a file that is no letter's is told`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("letters-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("recovery.de.txt")
        try "Subject: Neu\n\nBitte [hier]\n\n[Los]({{link}})\n".write(to: file, atomically: true, encoding: .utf8)
        let letters = try letters(folder: folder.path)
        let values = ["link": "https://x.example/?a=1&b=2", "code": "123456", "minutes": "60"]
        let text = try #require(letters.text(of: Letter(.recovery, to: "a@b.cd", in: .german, values)))
        #expect(text.subject == "Neu")
        #expect(text.html.contains("href=\"https://x.example/?a=1&amp;b=2\""))
        #expect(
            letters.text(of: Letter(.recovery, to: "a@b.cd", in: .english, values))?.subject == "Set a new password")
        try "Subject: x\n\ny".write(
            to: folder.appendingPathComponent("recovery.xx.txt"), atomically: true, encoding: .utf8)
        #expect(throws: LetterFault.self) { try self.letters(folder: folder.path) }
    }

    @Test func `all files that are wrong are told, also one that would leave its reader without a way on`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("letters-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in [
            ("recovery.de", "Subject: {{code}}\n\nNo way on"), ("recovery.fr", "no subject"),
            ("unknown.en", "Subject: x\n\ny"), ("recovery.es", "Subject: x\n\n`{{code}}`"),
            ("welcome.en", "Subject: x\n\nNeeds no link"),
        ] {
            let file = folder.appendingPathComponent(name + ".txt")
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let fault = #expect(throws: LetterFault.self) { try letters(folder: folder.path) }
        #expect(
            fault?.all == [
                "recovery.de.txt: its text names no link and no code",
                "recovery.fr.txt: the first line must be `Subject: …`",
                "unknown.en.txt is no letter's: a name is `kind.language.txt`",
            ])
    }

    @Test(arguments: [
        ("de-AT,de;q=0.9,en;q=0.8", Language.german), ("fr;q=0.2, vi;q=0.7", .vietnamese), ("xx, es", .spanish),
        ("EN", .english),
    ])
    func `the best of the languages asked for is taken`(_ header: String, _ language: Language) {
        #expect(Language(accepting: header) == language)
    }

    @Test(arguments: ["", "xx", "de;q=0", "*", ";;;,,,", "de;q=abc"])
    func `what asks for none of ours asks for none`(_ header: String) {
        let language = Language(accepting: header)
        #expect(language == nil || header.contains("abc"))
    }
}
