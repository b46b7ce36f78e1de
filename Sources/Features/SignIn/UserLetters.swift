import Codecs
import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a person was last asked by letter, and the address that they wish for: members that GoTrue leaves out when there is
/// nothing to say.
struct UserLetters: Sendable {
    var newEmail: String?
    /// When the letters went out, by the member's name.
    var sent: [Date?] = []

    private static let names: [StaticString] = [
        "invited_at", "confirmation_sent_at", "recovery_sent_at", "email_change_sent_at", "reauthentication_sent_at",
    ]

    static let members: [(String, MemberType)] =
        [("new_email", .optional(.string.example("ada.lovelace@example.com")))]
        + names.map { ("\($0)", .optional(.time)) }

    /// Of `auth.users u`.
    static let columns: SQL = """
        nullif(u.email_change, '') as new_email, u.invited_at, u.confirmation_sent_at, u.recovery_sent_at,
        u.email_change_sent_at, u.reauthentication_sent_at
        """

    init() {}

    init(_ row: Row) throws {
        newEmail = try row["new_email"]
        sent = try Self.names.map { try row[$0] }
    }

    func write(to writer: inout JSONWriter) {
        if let newEmail {
            writer.key("new_email")
            newEmail.write(to: &writer)
        }
        for case (let name, let time?) in zip(Self.names, sent) {
            writer.key("\(name)")
            time.write(to: &writer)
        }
    }
}
