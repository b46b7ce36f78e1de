import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A letter's header lines (RFC 5322). Values that are not plain ASCII become encoded words (RFC 2047), and nothing in them
/// can begin a line.
struct MailHeaders {
    let lines: [String]

    init(_ message: MailMessage, at now: Date = Date()) {
        let domain = message.from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        lines = [
            "Date: \(Self.date(now))",
            "From: \(Self.mailbox(message.from))",
            "To: <\(message.recipient)>",
            "Subject: \(Self.encoded(message.subject))",
            "Message-ID: <\(message.id)@\(domain)>",
            // No answer of a machine is wanted (RFC 3834).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
    }

    static func mailbox(_ mailbox: Mailbox) -> String {
        mailbox.name.isEmpty ? "<\(mailbox.address)>" : "\(phrase(mailbox.name)) <\(mailbox.address)>"
    }

    /// A name before an address: quoted where it is more than words.
    private static func phrase(_ name: String) -> String {
        guard name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return encoded(name) }
        let isPlain = name.utf8.allSatisfy { byte in
            Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber || byte == 0x20
        }
        guard !isPlain else { return name }
        return "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Plain text as it is; else words of at most 45 bytes each, so that no encoded word is longer than the 75 that RFC 2047
    /// allows, with a fold between.
    static func encoded(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        guard !isPlain || text.utf8.count > 900 else { return text }
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// `Thu, 26 Nov 2026 21:04:33 +0000`, in English whatever the machine speaks.
    static func date(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        func two(_ value: Int?) -> String { (value ?? 0) < 10 ? "0\(value ?? 0)" : "\(value ?? 0)" }
        let time = [parts.hour, parts.minute, parts.second].map(two).joined(separator: ":")
        return "\(weekdays[(parts.weekday ?? 1) - 1]), \(two(parts.day)) \(months[(parts.month ?? 1) - 1]) "
            + "\(parts.year ?? 1970) \(time) +0000"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
