import Foundation
import Testing

@testable import Platform

/// When a schedule's next time is.
struct CronTests {
    private func next(_ text: String, after: String) throws -> String? {
        let schedule = try JobSchedule(cron: text)
        let date = try #require(ISO8601DateFormatter().date(from: after))
        return schedule.times.next(after: date).map { ISO8601DateFormatter().string(from: $0) }
    }

    @Test(arguments: [
        ("* * * * *", "2026-11-26T10:00:30Z", "2026-11-26T10:01:00Z"),
        ("0 2 * * *", "2026-11-26T02:00:00Z", "2026-11-27T02:00:00Z"),
        ("*/15 9-17 * * 1-5", "2026-11-27T17:45:00Z", "2026-11-30T09:00:00Z"),
        ("30 4 1,15 * *", "2026-11-26T00:00:00Z", "2026-12-01T04:30:00Z"),
        ("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 12 * * 7", "2026-11-26T00:00:00Z", "2026-11-29T12:00:00Z"),
        // Both days restricted: either is enough.
        ("0 0 13 * 5", "2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"),
        ("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"),
    ])
    func `the next time is the first minute that matches`(_ text: String, _ after: String, _ expected: String) throws {
        #expect(try next(text, after: after) == expected)
    }

    @Test func `a day that never comes has no next time`() throws {
        #expect(try next("0 0 30 2 *", after: "2026-01-01T00:00:00Z") == nil)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
        "*/0 * * * *", "a * * * *", "1,,2 * * * *", "-1 * * * *", "@daily",
    ])
    func `what is no schedule is refused`(_ text: String) {
        #expect(throws: CronFault.self) { try JobSchedule(cron: text) }
    }
}
