import Platform
import Testing

struct SettingReaderTests {
    private static func reader(
        _ environment: [String: String] = [:], dotenv: String? = nil, toml: String? = nil,
        files: [String: String] = [:]
    ) -> SettingReader {
        SettingReader(
            sources: SettingSources(environment: environment, dotenv: dotenv, toml: toml) { path in
                struct NoFile: Error {}
                guard let text = files[path] else { throw NoFile() }
                return text
            })
    }

    private static func port(_ read: inout SettingReader) -> Int {
        read.int(
            "PORT", default: 54_321, in: 1...65_535, aliases: ["HTTP_PORT"], config: "api.port", "Where to listen.")
    }

    @Test func `the environment wins over .env, .env over config.toml, and that over the default`() {
        var all = Self.reader(["PORT": "1"], dotenv: "PORT=2", toml: "[api]\nport = 3")
        var two = Self.reader(dotenv: "PORT=2", toml: "[api]\nport = 3")
        var one = Self.reader(toml: "[api]\nport = 3")
        var none = Self.reader(["PORT": ""])
        #expect([Self.port(&all), Self.port(&two), Self.port(&one), Self.port(&none)] == [1, 2, 3, 54_321])
    }

    @Test(arguments: [
        ("port2 = 4\u{0}", "U+0000"), (#"port2 = "3\u00004""#, "U+0000"), ("a = 1\n[!]\nb = 2", "line 4"),
        ("[[\u{FFFD}]]", "line 3"), ("a = [\n[1],\n[2]]\n[\n]", "line 6"), ("a = \"\"\"\n[!]\n\"\"\"\n[\n]", "line 6"),
        ("a = ", "line 3"), ("a = 1979-05-27T\u{FFFD}", "line 3"), ("a = [07:3]", "line 3"),
        ("a = [\n[}],\n]", "line 4"),
    ])
    func `a config.toml that is not whole is told to be faulty, and nothing of it counts`(
        _ text: String, _ part: String
    ) {
        var read = Self.reader(toml: "[api]\nport = 3\n" + text)
        #expect(Self.port(&read) == 54_321)
        let problems = read.report().problems(for: .development)
        #expect(problems.contains { $0.name == "config.toml" && $0.message.contains(part) }, "\(problems)")
    }

    @Test func `lists and texts over many lines are no tables`() {
        let toml = #"""
            a = [
              [1],
              [[2]], # [!]
            ]
            b = '''
            [!]
            '''
            c = """x\"
            [!]"""
            [api]
            port = 3
            """#
        var read = Self.reader(toml: toml)
        #expect(Self.port(&read) == 3)
        #expect(read.report().problems(for: .development).isEmpty)
    }

    @Test(arguments: [
        "https:///", "http://", "https://?x", "https://:80", "http:///path", "https://a b", "https://a\u{7F}",
        "https://ä.example", "https://a,b", "ftp://a", "https://a\\b",
    ])
    func `what has no host, or could not be quoted, is no address`(_ text: String) {
        var read = Self.reader(["SITE": text])
        #expect(read.url("SITE", default: nil, "Where.") == nil)
        #expect(read.report().problems(for: .development).map(\.name) == ["SITE"])
    }

    @Test func `an alias counts where the name is not set`() {
        var read = Self.reader(["HTTP_PORT": "8080"])
        #expect(Self.port(&read) == 8_080)
    }

    @Test func `every problem is told, with its fix and without the value`() {
        var read = Self.reader(["PORT": "eighty", "SECURE": "maybe", "WAIT": "5 minutes", "SITE": "example.com"])
        _ = Self.port(&read)
        _ = read.bool("SECURE", default: true, "Whether.")
        _ = read.seconds("WAIT", default: .seconds(1), in: .seconds(0)...(.seconds(9)), "How long.")
        _ = read.url("SITE", default: nil, "Where.")
        let problems = read.report().problems(for: .development)
        #expect(problems.map(\.name) == ["PORT", "SECURE", "WAIT", "SITE"])
        let text = CheckReport.render(read.report(), stage: .development)
        for value in ["eighty", "maybe", "5 minutes"] { #expect(!text.contains(value)) }
        #expect(text.contains("a whole number from 1 to 65535"))
    }

    @Test func `a number out of its bounds is a problem and the default is used`() {
        var read = Self.reader(["PORT": "65536"])
        #expect(Self.port(&read) == 54_321)
        #expect(read.report().problems(for: .development).count == 1)
    }

    @Test(arguments: [("7d", 604_800), ("24h", 86_400), ("15m", 900), ("10s", 10), ("604800", 604_800)])
    func `durations are written as the guide writes them`(_ text: String, _ seconds: Int) {
        var read = Self.reader(["JWT_EXPIRY": text])
        let value = read.seconds("JWT_EXPIRY", default: .zero, in: .zero ... .seconds(1_000_000), "Life.")
        #expect(value == .seconds(seconds))
    }

    @Test(arguments: ["", "d", "1.5h", "-5s", "5 s", "5w", "106751991167301d", "9223372036854775808"])
    func `what is no duration is told, and the default counts`(_ text: String) {
        var read = Self.reader(["LIFE": text])
        #expect(read.seconds("LIFE", default: .seconds(7), in: .zero ... .seconds(1_000_000), "Life.") == .seconds(7))
        #expect(read.report().problems(for: .development).map(\.name) == (text.isEmpty ? [] : ["LIFE"]))
    }

    @Test func `a secret may come from a file, and not from two places`() {
        var file = Self.reader(["KEY_FILE": "/run/key"], files: ["/run/key": "s3cret\n"])
        #expect(file.secret("KEY", need: .optional, "A key.")?.reveal() == "s3cret")
        #expect(file.report().settings.last?.source == .file)
        var both = Self.reader(["KEY": "a", "KEY_FILE": "/run/key"], files: ["/run/key": "b"])
        _ = both.secret("KEY", need: .optional, "A key.")
        #expect(both.report().problems(for: .development).map(\.name) == ["KEY"])
        var lost = Self.reader(["KEY_FILE": "/nowhere"])
        _ = lost.secret("KEY", need: .optional, "A key.")
        #expect(lost.report().problems(for: .development).map(\.name) == ["KEY_FILE"])
    }

    @Test func `a secret never prints, not even to a mirror`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["nested": secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `a missing secret is a problem in the stages that need it`() {
        var read = Self.reader()
        _ = read.secret("KEY", need: .requiredIn([.production]), "A key.")
        #expect(read.report().problems(for: .development).isEmpty)
        #expect(read.report().problems(for: .production).contains { $0.name == "KEY" && $0.message == "is missing" })
    }

    @Test func `a misspelt name is pointed out`() {
        var read = Self.reader(["DATABASE_MAX_CONECTIONS": "5"], toml: "[auth]\njwt_expiri = 5")
        _ = read.int("DATABASE_MAX_CONNECTIONS", default: 20, in: 1...500, "Most.")
        _ = read.int("JWT_EXPIRY", default: 20, in: 1...500, config: "auth.jwt_expiry", "Life.")
        let problems = read.report().problems(for: .development)
        #expect(problems.map(\.message).contains("is no setting; did you mean DATABASE_MAX_CONNECTIONS?"))
        #expect(problems.contains { $0.name == "auth.jwt_expiri" })
    }

    @Test func `an unknown stage is a problem`() {
        let read = Self.reader(["NODE_ENV": "prod"])
        #expect(read.report().problems(for: .development).map(\.name) == ["NODE_ENV"])
    }

    @Test func `config.toml knows lists and env(NAME)`() {
        var read = Self.reader(
            ["SITE_SECRET": "from the environment"],
            toml:
                "[api.cors]\nallowed_origins = [\"https://a.example\", \"https://b.example\"]\n[auth]\nsecret = \"env(SITE_SECRET)\""
        )
        let origins = read.list("CORS_ORIGINS", default: [], config: "api.cors.allowed_origins", "Origins.")
        #expect(origins == ["https://a.example", "https://b.example"])
        #expect(read.secret("S", need: .optional, config: "auth.secret", "S.")?.reveal() == "from the environment")
    }

    @Test func `a config.toml that is none is one problem with its line`() {
        let read = Self.reader(toml: "[api]\nport = = 3")
        let problems = read.report().problems(for: .development)
        #expect(problems.count == 1)
        #expect(problems.first?.message.contains("line 2") == true)
    }
}
