import Testing

@testable import Features

struct BanDurationTests {
    @Test(arguments: [
        ("24h", 86_400.0), ("1h30m", 5_400), ("1.5h", 5_400), ("300ms", 0.3), ("2m5s", 125), ("876000h", 3_153_600_000),
    ])
    func `Go's durations are read`(_ text: String, _ seconds: Double) {
        #expect(BanDuration(text)?.duration == .seconds(seconds))
    }

    @Test(arguments: ["none", "0", "0s", "0h0m"]) func `none and nothing lift a ban`(_ text: String) {
        let ban = BanDuration(text)
        #expect(ban != nil && ban?.duration == nil)
    }

    @Test(arguments: [
        "", "-1h", "1", "h", "1d", "1h ", " 1h", "1e9h", "1.2.3h", "9999999h", "١h", "1hh", "NaNh", "infh",
        "99999999999999999999999999h",
    ])
    func `what is no duration, or none that a ban can have, is nothing`(_ text: String) {
        #expect(BanDuration(text) == nil)
    }
}
