import Codecs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `timestamptz`. Connections speak UTC and ISO, so the text is `2026-11-23 07:32:57.123456+00`.
extension Date: SQLValue {
    public var sqlParameter: Parameter {
        let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
        guard microseconds.magnitude < 9e17 else { return .text(microseconds < 0 ? "-infinity" : "infinity") }
        return .text(CivilTime(microsecondsSince1970: Int64(microseconds)).text(separator: " ", zone: "+00"))
    }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        guard let civil = CivilTime(parsing: text) else { return nil }
        self.init(civil)
    }

    public init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        if form == .timestamptz {
            guard let civil = CivilTime(binary: bytes) else { return nil }
            self.init(civil)
        } else {
            guard let value = form.withText(bytes, { Date(sqlText: $0) }) else { return nil }
            self = value
        }
    }

    private init(_ civil: CivilTime) {
        self.init(timeIntervalSince1970: Double(civil.microsecondsSince1970) / 1_000_000)
    }
}

extension Date {
    /// `2026-11-23T07:32:57.123456Z` (RFC 3339), microseconds always shown.
    package var rfc3339: String { civil.text(separator: "T", zone: "Z") }

    /// `rfc3339` into memory of `CivilTime.longest` bytes or more. Gives back how many were written.
    package func writeRFC3339(to target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        civil.write(to: target, separator: "T", zone: "Z")
    }

    private var civil: CivilTime {
        let microseconds = (timeIntervalSince1970 * 1_000_000).clamped(to: -6e16...2.5e17)
        return CivilTime(microsecondsSince1970: Int64(microseconds.rounded()))
    }
}

/// A date and time of day in UTC, and its place on the axis of microseconds.
///
/// The calendar arithmetic is Howard Hinnant's `days_from_civil` (proleptic Gregorian).
package struct CivilTime: Sendable {
    /// Most bytes of its text, sign and zone included.
    package static let longest = 40

    package let microsecondsSince1970: Int64

    init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    /// Reads `YYYY-MM-DD HH:MM:SS[.ffffff]±HH[:MM]`. Nil for `infinity`, years before 1, times after
    /// 294246, and anything else.
    init?(parsing text: UnsafeBufferPointer<UInt8>) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(atLeast: 4), scanner.skip("-"),
            let month = scanner.number(atLeast: 2), scanner.skip("-"),
            let day = scanner.number(atLeast: 2), scanner.skip(" ") || scanner.skip("T"),
            let hour = scanner.number(atLeast: 2), scanner.skip(":"),
            let minute = scanner.number(atLeast: 2), scanner.skip(":"),
            let second = scanner.number(atLeast: 2)
        else { return nil }
        let fraction = scanner.skip(".") ? scanner.microseconds() : 0
        guard let offset = scanner.offsetSeconds() else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        let (whole, isTooLate) = seconds.multipliedReportingOverflow(by: 1_000_000)
        self.init(whole, plus: fraction, overflows: isTooLate)
    }

    /// Reads PostgreSQL's binary form: microseconds since 2000 in network byte order. Nil for infinity, years before 1 and
    /// after 294246, as of text.
    init?(binary bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 8, let sincePostgresEpoch = BinaryForm.integer(bytes) else { return nil }
        let yearOne: Int64 = -63_082_281_600_000_000
        guard sincePostgresEpoch >= yearOne else { return nil }
        self.init(sincePostgresEpoch, plus: 946_684_800_000_000, overflows: false)
    }

    /// PostgreSQL's times go thirty years further than 64 bits of microseconds since 1970, to 294276; what lies there is nil.
    private init?(_ microseconds: Int64, plus more: Int64, overflows: Bool) {
        let (sum, isTooLate) = microseconds.addingReportingOverflow(more)
        guard !overflows, !isTooLate else { return nil }
        microsecondsSince1970 = sum
    }

    /// As PostgreSQL prints it for a session in UTC: without zeros at the fraction's end.
    var postgresText: String {
        var digits = Substring(text(separator: " ", zone: ""))
        while digits.last == "0" { digits.removeLast() }
        if digits.last == "." { digits.removeLast() }
        return digits + "+00"
    }

    /// `YYYY-MM-DD HH:MM:SS.ffffff`, or with another separator than the space, and the zone behind it.
    func text(separator: Unicode.Scalar, zone: StaticString) -> String {
        String(unsafeUninitializedCapacity: Self.longest) { write(to: $0, separator: separator, zone: zone) }
    }

    func write(
        to target: UnsafeMutableBufferPointer<UInt8>, separator: Unicode.Scalar, zone: StaticString
    ) -> Int {
        let seconds = microsecondsSince1970.flooredDivision(by: 1_000_000)
        let days = seconds.flooredDivision(by: 86_400)
        let ofDay = seconds - days * 86_400
        let (year, month, day) = Self.civil(days: days)
        var writer = DigitWriter(target)
        writer.number(year, width: 4)
        writer.byte("-")
        writer.number(month, width: 2)
        writer.byte("-")
        writer.number(day, width: 2)
        writer.byte(separator)
        writer.number(ofDay / 3_600, width: 2)
        writer.byte(":")
        writer.number(ofDay / 60 % 60, width: 2)
        writer.byte(":")
        writer.number(ofDay % 60, width: 2)
        writer.byte(".")
        writer.number(microsecondsSince1970 - seconds * 1_000_000, width: 6)
        zone.withUTF8Buffer { for byte in $0 { writer.byte(Unicode.Scalar(byte)) } }
        return writer.count
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.flooredDivision(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }
}

/// `timestamptz`, to the microsecond: a `Date` rounds times of other centuries.
extension CivilTime: SQLDecodable {
    package init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        self.init(parsing: text)
    }

    package init?(sqlBinary bytes: UnsafeBufferPointer<UInt8>, _ form: BinaryForm) {
        guard form == .timestamptz else { return nil }
        self.init(binary: bytes)
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
