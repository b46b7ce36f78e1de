#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When a job begins by itself, in UTC, once for all nodes.
public struct JobSchedule: Sendable, Equatable {
    /// What happens when no node ran at the time.
    public enum Missed: String, Sendable {
        /// It is made up for, once.
        case once
        /// The next time is time enough.
        case skip
    }

    /// Cron's five fields: minute, hour, day of the month, month, day of the week.
    public let text: String
    public let missed: Missed
    let times: CronTimes

    /// - Throws: `CronFault`.
    public init(cron text: String, missed: Missed = .once) throws(CronFault) {
        times = try CronTimes(text)
        self.text = text
        self.missed = missed
    }

    private init(known text: String, _ missed: Missed) {
        do {
            try self.init(cron: text, missed: missed)
        } catch {
            preconditionFailure("\(text): \(error)")
        }
    }

    /// Every day at `HH:MM`.
    public static func daily(at time: String, missed: Missed = .once) -> JobSchedule {
        let parts = time.split(separator: ":").compactMap { Int($0) }
        precondition(parts.count == 2, "a time is HH:MM")
        return JobSchedule(known: "\(parts[1]) \(parts[0]) * * *", missed)
    }

    /// Every hour, so many minutes after it has begun.
    public static func hourly(at minute: Int, missed: Missed = .once) -> JobSchedule {
        JobSchedule(known: "\(minute) * * * *", missed)
    }

    /// Every minute.
    public static func everyMinute(missed: Missed = .skip) -> JobSchedule { JobSchedule(known: "* * * * *", missed) }
}

/// Why a text is no schedule.
public struct CronFault: Error, Sendable, CustomStringConvertible {
    public let description: String
}

/// The minutes that cron's five fields name. Source: POSIX crontab; names of days and months, `@daily` and seconds are not read.
struct CronTimes: Sendable, Equatable {
    private let minutes, hours, days, months, weekdays: Set<Int>
    /// When both days are restricted, either is enough.
    private let anyDay: Bool

    init(_ text: String) throws(CronFault) {
        let fields = text.split(separator: " ").map(String.init)
        guard fields.count == 5 else { throw CronFault(description: "a schedule has five fields") }
        minutes = try Self.values(fields[0], 0...59)
        hours = try Self.values(fields[1], 0...23)
        days = try Self.values(fields[2], 1...31)
        months = try Self.values(fields[3], 1...12)
        // 7 is Sunday too.
        weekdays = Set(try Self.values(fields[4], 0...7).map { $0 % 7 })
        anyDay = fields[2] != "*" && fields[4] != "*"
    }

    private static func values(_ field: String, _ range: ClosedRange<Int>) throws(CronFault) -> Set<Int> {
        let fault = CronFault(description: "`\(field)` is none of \(range.lowerBound) to \(range.upperBound)")
        var values: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let step = halves.count == 1 ? 1 : Int(halves[1]), step > 0, let span = halves.first else {
                throw fault
            }
            let ends = span.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            let bounds: ClosedRange<Int>
            switch (span == "*", ends.count, ends.first ?? nil, ends.last ?? nil) {
            case (true, _, _, _): bounds = range
            case (_, 1, let only?, _): bounds = halves.count == 1 ? only...only : only...max(only, range.upperBound)
            case (_, 2, let first?, let last?) where first <= last: bounds = first...last
            default: throw fault
            }
            guard range.contains(bounds.lowerBound), range.contains(bounds.upperBound) else { throw fault }
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
        }
        return values
    }

    /// The first minute after `date`; nil when there is none within five years, as for the 30th of February.
    func next(after date: Date) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let minute = 60.0
        var day = calendar.startOfDay(for: date)
        for _ in 0..<(5 * 366) {
            if matches(calendar.dateComponents([.day, .month, .weekday], from: day)) {
                for hour in hours.sorted() {
                    for past in minutes.sorted() {
                        let time = day.addingTimeInterval(Double(hour * 60 + past) * minute)
                        if time > date { return time }
                    }
                }
            }
            day = day.addingTimeInterval(86_400)
        }
        return nil
    }

    private func matches(_ parts: DateComponents) -> Bool {
        guard months.contains(parts.month ?? 0) else { return false }
        let isDay = days.contains(parts.day ?? 0)
        let isWeekday = weekdays.contains((parts.weekday ?? 1) - 1)
        return anyDay ? isDay || isWeekday : isDay && isWeekday
    }
}
