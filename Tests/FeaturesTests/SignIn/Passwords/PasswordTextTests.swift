import Testing

@testable import Features

/// Spellings of passwords.
@Suite struct PasswordTextTests {
    @Test(
        arguments: [
            ("e\u{301}", "\u{E9}"), ("\u{C5}", "\u{C5}"), ("\u{212B}", "\u{C5}"), ("A\u{30A}", "\u{C5}"),
            ("ｐａｓｓ", "pass"), ("\u{FB01}", "fi"), ("①", "1"), ("\u{1E9B}\u{323}", "\u{1E69}"),
            ("q\u{307}\u{323}", "q\u{323}\u{307}"), ("\u{1100}\u{1161}", "\u{AC00}"), ("\u{3000}", " "),
            ("\u{A0}", " "), ("𝒑", "p"), ("ß", "ß"), ("🙂", "🙂"), ("", ""),
        ])
    func `one spelling of what looks the same, by Unicode's NFKC`(_ typed: String, _ normalized: String) {
        #expect(Array(PasswordText(typed).normalized.utf8) == Array(normalized.utf8))
    }

    @Test func `what was typed is kept where it differs, also when Swift calls both equal`() {
        #expect(PasswordText("cafe\u{301}").spellings.map { Array($0.utf8).count } == [5, 6])
        #expect(PasswordText("caf\u{E9}").spellings.count == 1)
        #expect(PasswordText("plain").spellings == ["plain"])
    }

    @Test func `spaces stay, at both ends too`() {
        #expect(PasswordText("  a  b\t").normalized == "  a  b\t")
    }

    @Test
    func `a text made to be slow is not: a thousand characters that each become eighteen, or marks to be put in order`()
    {
        let texts = [
            String(repeating: "\u{FDFA}", count: 1_000), "a" + String(repeating: "\u{301}\u{316}", count: 500),
        ]
        for text in texts {
            let time = ContinuousClock().measure { _ = PasswordText(text).normalized }
            #expect(time < .seconds(10))
        }
    }
}
