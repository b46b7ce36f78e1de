import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The letters of a developer's machine, which has no mail server. There only: letters sign people in.
struct InboxPages: Sendable {
    let isOpen: Bool

    var routes: [Route] {
        guard isOpen else { return [] }
        return [
            .get("/inbox", .public, "Letters that were not sent, since there is no mail server", list),
            .get("/inbox/letter", .public, "One of them", letter).answers(
                .text("text/html", example: "<!doctype html>")),
        ]
    }

    /// The most that the page lists.
    private static let most = 50

    private func list(_ call: Call<Visitor, NoInput>) async throws -> Page {
        let letters = try await call.services.platform.all(
            "select id, recipient, subject, text from lean.inbox order by at desc, id limit \(Self.most)"
        ) { row in
            HTML.element(
                "article",
                [
                    .element(
                        "h2",
                        .element(
                            "a", ["href": "/inbox/letter?id=\(try row["id"] as String)"], .text(try row["subject"]))),
                    .element("p", ["class": "quiet"], .text(try row["recipient"])),
                    .element("pre", .text(try row["text"])),
                ])
        }
        let nothing: [HTML] = [.element("p", "No letter was written yet.")]
        return Page("Inbox", in: .english, product: call.services.mail.from.name, letters.isEmpty ? nothing : letters)
    }

    struct Wanted: RequestInput {
        let id: String

        static let input = Input<Wanted>(
            Field.text("id", 1...100, "The letter's id.").example("made-up"), make: Wanted.init(id:))
    }

    /// The letter as its reader sees it.
    private func letter(_ call: Call<Visitor, Wanted>) async throws -> Answer {
        let html: String? = try await call.services.platform.first(
            "select html from lean.inbox where id = \(call.input.id)"
        ) { try $0["html"] }
        guard let html else { throw Problem(.notFound) }
        return Answer(
            status: 200, headers: [(.cacheControl, "no-store")],
            body: .text(Array(html.utf8), type: "text/html; charset=utf-8"))
    }
}
