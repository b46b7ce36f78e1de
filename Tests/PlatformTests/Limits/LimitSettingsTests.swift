import Testing

@testable import Platform

@Suite struct LimitSettingsTests {
    private static func settings(_ environment: [String: String]) -> LimitSettings {
        var read = SettingReader(sources: SettingSources(environment: environment, dotenv: nil, toml: nil))
        return LimitSettings(&read, secret: Secret("of the tests"))
    }

    @Test(arguments: [
        (["NODE_ENV": "production"], LimitSettings.Mode.strict), (["NODE_ENV": "staging"], .moderate),
        (["NODE_ENV": "development"], .disabled), (["NODE_ENV": "test"], .disabled),
        (["NODE_ENV": "production", "RATE_LIMIT_STRICT": "false"], .usual),
        (["NODE_ENV": "production", "RATE_LIMIT_MODERATE": "true"], .moderate),
        (["NODE_ENV": "staging", "RATE_LIMIT_DISABLED": "true"], .disabled),
        (["NODE_ENV": "development", "RATE_LIMIT_DISABLED": "false"], .usual),
        (["NODE_ENV": "development", "RATE_LIMIT_STRICT": "true"], .strict),
        (["RATE_LIMIT_DISABLED": "true", "RATE_LIMIT_MODERATE": "true"], .moderate),
        (["RATE_LIMIT_DISABLED": "true", "RATE_LIMIT_MODERATE": "true", "RATE_LIMIT_STRICT": "true"], .strict),
    ]) func `set together, the strictest wins`(_ environment: [String: String], _ mode: LimitSettings.Mode) {
        #expect(Self.settings(environment).mode == mode)
    }

    @Test func `the modes change the guide's numbers as told`() {
        let usual = Self.settings(["RATE_LIMIT_DISABLED": "false", "RATE_LIMIT_AUTH": "12"])
        #expect(usual.rule(.auth).most == 24)
        #expect(usual.rule(.login).most == 5)
        #expect(usual.most(Allowance(.pro)) == 1_000)
        let strict = Self.settings(["RATE_LIMIT_STRICT": "true"])
        #expect(strict.rule(.auth).most == 10)
        #expect(strict.rule(.register).most == 3)
        #expect(strict.rule(.login).closesWithoutStore)
        let moderate = Self.settings(["RATE_LIMIT_MODERATE": "true", "RATE_LIMIT_BURST_MULTIPLIER": "3"])
        #expect(moderate.rule(.auth).most == 60)
        #expect(moderate.rule(.login).most == 10)
        #expect(moderate.most(Allowance(.free)) == 200)
        #expect(!moderate.rule(.login).closesWithoutStore)
    }

    @Test func `a limit that nothing would count is refused`() {
        let environment = [
            "RATE_LIMIT_SKIP_SUCCESSFUL_REQUESTS": "true", "RATE_LIMIT_SKIP_FAILED_REQUESTS": "true",
        ]
        var read = SettingReader(sources: SettingSources(environment: environment, dotenv: nil, toml: nil))
        _ = LimitSettings(&read, secret: Secret("of the tests"))
        #expect(read.problems.map(\.name) == ["RATE_LIMIT_SKIP_FAILED_REQUESTS"])
    }
}
