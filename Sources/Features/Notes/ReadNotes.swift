import Platform
import Postgres

extension Notes {
    /// A page of notes.
    struct Page: RequestInput {
        let limit: Int
        let offset: Int

        static let input = Input<Page>(
            .int("limit", 1...100, default: 20, "Most notes in the answer."),
            .int("offset", 0...1_000_000, default: 0, "How many of the newest to pass over."),
            make: Page.init(limit:offset:)
        )
    }

    struct List: Output {
        let notes: [Note]

        static let shape = Shape<List>("NoteList", [Member("notes") { $0.notes }])
    }

    struct Which: RequestInput {
        let id: Note.ID

        static let input = Input<Which>(.id("id", "The note."), make: Which.init(id:))
    }

    static func list(_ call: Call<Principal, Page>) async throws -> List {
        List(
            notes: try await call.database.all(
                """
                select \(Note.columns) from notes
                order by created_at desc, id
                limit \(call.input.limit) offset \(call.input.offset)
                """, Note.init))
    }

    static func read(_ call: Call<Principal, Which>) async throws -> Note {
        try await call.database.one("select \(Note.columns) from notes where id = \(call.input.id)", Note.init)
    }
}
