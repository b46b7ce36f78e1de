import Codecs
import Platform
import Postgres

/// How a person wants the product to look and to speak to them.
struct Preferences: Output {
    /// Which messages a person wants beside those that they must have.
    struct Notifications: Output {
        let email: Bool
        let push: Bool
        let marketing: Bool

        static let shape = Shape<Notifications>(
            "NotificationPreferences",
            [
                Member("email") { $0.email }.example(true), Member("push") { $0.push }.example(true),
                Member("marketing") { $0.marketing }.example(false),
            ])
    }

    let theme: String
    let language: String
    let timezone: String
    let notifications: Notifications

    static let themes = ["light", "dark", "system"]

    static let shape = Shape<Preferences>(
        "Preferences",
        [
            Member("theme") { $0.theme }.example("system"), Member("language") { $0.language }.example("en"),
            Member("timezone") { $0.timezone }.example("Europe/London"), Member("notifications") { $0.notifications },
        ])
}

extension Preferences {
    static let columns: SQL = """
        p.theme, p.language, p.timezone, p.notify_email, p.notify_push, p.notify_marketing
        """

    init(_ row: Row) throws {
        theme = try row["theme"]
        language = try row["language"]
        timezone = try row["timezone"]
        notifications = Notifications(
            email: try row["notify_email"], push: try row["notify_push"], marketing: try row["notify_marketing"])
    }
}

extension Preferences {
    /// What of them is to change.
    struct Change: RequestInput {
        struct Notifications: RequestInput {
            let email: Bool?
            let push: Bool?
            let marketing: Bool?

            static let input = Input<Notifications>(
                Field.optionalFlag("email", "Whether mails are wanted.").example(true),
                Field.optionalFlag("push", "Whether push messages are wanted.").example(true),
                Field.optionalFlag("marketing", "Whether news and offers are wanted.").example(false),
                make: Notifications.init(email:push:marketing:)
            )
        }

        let theme: String?
        let language: String?
        let timezone: String?
        let notifications: Notifications?

        static let input = Input<Change>(
            Field.optionalChoice("theme", Preferences.themes, "How pages look.").example("dark"),
            Field.optionalText("language", 2...2, "A language's two letters (ISO 639-1).").example("en")
                .must("be two lower-case letters") { $0.map(isLanguage) ?? true },
            Field.optionalText("timezone", 1...64, "A time zone's name in the IANA database.").example("Europe/London")
                .must("be a time zone's name, as Europe/London") { $0.map(isZone) ?? true },
            Field.object("notifications", of: Notifications.input, "Which messages are wanted."),
            make: Change.init(theme:language:timezone:notifications:)
        )

        private static func isLanguage(_ text: String) -> Bool {
            text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        }

        /// Its form; PostgreSQL knows whether there is such a zone.
        private static func isZone(_ text: String) -> Bool {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return text == "UTC"
                || (2...3).contains(parts.count)
                    && parts.allSatisfy { part in
                        part.utf8.first.map(isLetter) == true
                            && part.utf8.allSatisfy { isLetter($0) || "0123456789_+-".utf8.contains($0) }
                    }
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }
}
