import Platform
import Testing

struct DotenvTests {
    private static func value(of name: String, in dotenv: String) -> String? {
        var read = SettingReader(sources: SettingSources(environment: [:], dotenv: dotenv, toml: nil))
        return read.secret(name, need: .optional, "Any.")?.reveal()
    }

    @Test(arguments: [
        ("A=plain", "plain"), ("A = spaced ", "spaced"), ("export A=exported", "exported"),
        ("A=\"in quotes # no comment\"", "in quotes # no comment"), ("A='single \"quotes\"'", "single \"quotes\""),
        ("A=value # a comment", "value"), ("A=#alerts", "#alerts"), ("A=\"two\\nlines\"", "two\nlines"),
        ("A='no \\n escape'", "no \\n escape"), ("A=\"x\" # after", "x"), ("A=a=b=c", "a=b=c"),
        ("\u{FEFF}A=bom\r\nB=crlf\r\n", "bom"), ("A=first\nA=last", "last"),
        ("A=\u{301}x", "\u{301}x"), ("A=\"\u{301}x\"", "\u{301}x"), ("A=x\t\u{34D}#y", "x\t\u{34D}#y"),
        ("A=one\u{2028}line\nB=2", "one\u{2028}line"),
    ])
    func `a line is read as the guide writes it`(_ line: String, _ value: String) {
        #expect(Self.value(of: "A", in: line) == value)
    }

    @Test(arguments: ["no equals sign", "A=\"open", "1A=x", "A-B=x", "A=\"x\" y"])
    func `a malformed line is told by its number alone`(_ line: String) {
        let read = SettingReader(sources: SettingSources(environment: [:], dotenv: "\n\(line)\n", toml: nil))
        let problems = read.report().problems(for: .development)
        #expect(problems.map(\.name) == [".env"])
        #expect(problems.first?.message.contains("line 2") == true)
        #expect(problems.first?.message.contains(line) == false)
    }
}
