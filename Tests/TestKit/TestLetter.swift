import Features
import Platform
import Postgres
import Testing

/// A letter in the inbox of a node that has no mail server.
package struct TestLetter: Sendable {
    /// `confirmation`
    package let kind: String
    package let recipient: String
    package let subject: String
    package let text: String
    package let html: String

    private var lines: [String] { text.split(whereSeparator: \.isNewline).map { String($0) } }

    /// The six digits on a line of their own.
    package var code: String? { lines.first { $0.count == 6 && $0.allSatisfy(\.isNumber) } }

    /// The first address.
    package var link: String? { lines.first { $0.hasPrefix("http") } }

    /// What the link carries.
    package var token: String? { part("token") }
    package var redirect: String? { part("redirect_to") }

    private func part(_ name: String) -> String? {
        link?.split(separator: "?").last?.split(separator: "&").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }
}

extension TestServer {
    /// All letters to the address, the first first.
    ///
    /// - Parameter kind: nil: all but the welcome, which comes beside what tests are about.
    package func letters(to recipient: String, of kind: String? = nil) async throws -> [TestLetter] {
        try await node.services.platform.all(
            """
            select m.kind, i.recipient, i.subject, i.text, i.html
            from lean.inbox i join lean.mails m on m.id = i.id
            where i.recipient = \(recipient) and case when \(kind)::text is null then m.kind <> 'welcome' else m.kind = \(kind) end
            order by i.at, i.id
            """
        ) { row in
            TestLetter(
                kind: try row["kind"], recipient: try row["recipient"], subject: try row["subject"],
                text: try row["text"], html: try row["html"])
        }
    }

    /// The letter to the address that has come after `count` others.
    package func letter(to recipient: String, of kind: String? = nil, after count: Int = 0) async throws -> TestLetter {
        var letters: [TestLetter] = []
        try await until("a letter to \(recipient) has come") {
            letters = try await self.letters(to: recipient, of: kind)
            return letters.count > count
        }
        return try #require(letters.last)
    }

    /// Until no job waits or runs: what would have been sent is sent.
    package func untilIdle() async throws {
        try await until("no job waits") {
            try await node.services.platform.one(
                "select not exists (select 1 from lean.jobs where state <> 'dead') as is_idle"
            ) { try $0["is_idle"] }
        }
    }
}
