import Codecs
import Platform
import Testing

struct ProductionRulesTests {
    private static let good = "9f2c1b7e4d8a6053f1e0c9b8a7d6e5f4a3b2c1d09f8e7d6c"

    private static func problems(_ environment: [String: String], dotenv: String? = nil) -> [SettingProblem] {
        var read = SettingReader(
            sources: SettingSources(
                environment: environment.merging(["NODE_ENV": "production"]) { $1 }, dotenv: dotenv, toml: nil))
        _ = read.secret("JWT_SECRET", need: .requiredIn([.production]), shape: .bits(256), "Signs tokens.")
        _ = read.secret("METRICS_TOKEN", need: .optional, shape: .bits(128), "Reads metrics.")
        return read.report().problems(for: .production)
    }

    @Test func `a strong secret of its own passes`() {
        #expect(Self.problems(["JWT_SECRET": Self.good]).isEmpty)
    }

    @Test(arguments: [
        ("short", "9f2c1b7e"), ("of one character", String(repeating: "a", count: 64)),
        ("repeating", String(repeating: "a1b2c3d4", count: 8)),
        ("the guide's", "your-super-secure-jwt-secret-256-bits-minimum"),
        ("in brackets", "<jwt signed with JWT_SECRET>"),
        ("of development", "dev_" + good), ("dots", "sk_live_..."),
    ])
    func `a weak, default or development secret is refused`(_ name: String, _ value: String) {
        let problems = Self.problems(["JWT_SECRET": value])
        #expect(problems.map(\.name) == ["JWT_SECRET"], "\(name)")
        #expect(!problems.contains { $0.message.contains(value) || $0.fix.contains(value) })
    }

    @Test func `one secret under two names is refused`() {
        let problems = Self.problems(["JWT_SECRET": Self.good, "METRICS_TOKEN": Self.good])
        #expect(problems.map(\.message) == ["is the same secret as JWT_SECRET"])
    }

    private static let lists = "1f2c1b7e4d8a6053f1e0c9b8a7d6e5f4a3b2c1d09f8e7d6c"

    private static func listed(_ previous: String) -> [SettingProblem] {
        var read = SettingReader(
            sources: SettingSources(
                environment: [
                    "NODE_ENV": "production", "JWT_SECRET": good, "ENCRYPTION_KEY": lists,
                    "ENCRYPTION_KEYS_PREVIOUS": previous, "API_URL": "https://a.example.org",
                    "APP_URL": "https://b.example.org",
                ], dotenv: nil, toml: nil))
        _ = Basics(&read)
        return read.report().problems(for: .production)
    }

    @Test func `each of several secrets in one setting is judged by itself`() {
        let strong = ["2e2c1b7e4d8a6053f1e0c9b8a7d6e5f4", "3d2c1b7e4d8a6053f1e0c9b8a7d6e5f4"]
        #expect(Self.listed(strong.joined(separator: " , ")).isEmpty)
        for (second, sentence) in [
            ("9f2c1b7e", "number 2 is too short: 8 bytes of at least 32"),
            (String(repeating: "a1b2c3d4", count: 8), "number 2 has too few different characters"),
            ("changeme-4d8a6053f1e0c9b8a7d6e5f4a3b2", "number 2 is a placeholder"),
            ("dev_" + Self.good, "number 2 is a development secret"),
            (Self.good, "number 2 is the same secret as JWT_SECRET"),
            (Self.lists, "number 2 is the same secret as ENCRYPTION_KEY"),
            (strong[0], "number 2 is the same secret as number 1 of ENCRYPTION_KEYS_PREVIOUS"),
        ] {
            let problems = Self.listed("\(strong[0]), \(second)\t,")
            #expect(problems.map(\.message) == [sentence])
            #expect(problems.map(\.name) == ["ENCRYPTION_KEYS_PREVIOUS"])
        }
    }

    @Test func `spaces around a previous key are no part of it`() throws {
        let place = SealedPlace("lean.things.secret", row: "1")
        let sealed = try KeyRing([Secret("old-key-of-some-length")]).seal("a", for: place)
        var read = SettingReader(
            sources: SettingSources(
                environment: [
                    "ENCRYPTION_KEY": Self.good, "ENCRYPTION_KEYS_PREVIOUS": "other , old-key-of-some-length ",
                ],
                dotenv: nil, toml: nil))
        #expect(try Basics(&read).keyRing.open(sealed, for: place) == "a")
    }

    @Test func `what is left over from development is refused`() {
        let problems = Self.problems([
            "JWT_SECRET": Self.good, "RATE_LIMIT_DISABLED": "true", "SECURITY_HEADERS_MINIMAL": "true",
            "LOG_LEVEL": "debug", "MOCK_SERVICES": "1", "DEV_SEED": "x",
        ])
        #expect(
            Set(problems.map(\.name))
                == ["RATE_LIMIT_DISABLED", "SECURITY_HEADERS_MINIMAL", "LOG_LEVEL", "MOCK_SERVICES", "DEV_SEED"])
    }

    @Test func `every placeholder of the guide's sample is named`() throws {
        let names = Set(Self.problems([:], dotenv: GuideSample.dotenv).map(\.name))
        for name in GuideSample.placeholders { #expect(names.contains(name), "\(name)") }
    }

    @Test func `the report as JSON says the same`() throws {
        var read = SettingReader(sources: SettingSources(environment: [:], dotenv: nil, toml: nil))
        _ = read.secret("JWT_SECRET", need: .requiredIn([.production]), "Signs tokens.")
        let json = try JSON.parse(CheckReport.json(read.report(), stage: .production))
        #expect(json["ok"] == false)
        #expect(json["problems"]?.array?.first?["name"] == "JWT_SECRET")
    }
}
