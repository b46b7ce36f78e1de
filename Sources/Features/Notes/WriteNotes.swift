import Platform
import Postgres

extension Notes {
    struct Draft: RequestInput {
        let title: String
        let body: String

        static let input = Input<Draft>(
            Field.text("title", 1...200, "What it is called.").example("First note"),
            Field.text("body", 0...10_000, default: "", "What it says.").example("What it says."),
            make: Draft.init(title:body:)
        )
    }

    struct Change: RequestInput {
        let id: Note.ID
        let title: String?
        let body: String?

        static let input = Input<Change>(
            .id("id", "The note."),
            Field.optionalText("title", 1...200, "Its new title.").example("Another title"),
            Field.optionalText("body", 0...10_000, "Its new text.").example("What it says now."),
            make: Change.init(id:title:body:)
        )
    }

    /// The limit is part of the statement, which answers no row when it is reached. Two writers at the very limit may
    /// both pass; that costs one note more, and a lock would cost every write.
    static func write(_ call: Call<Principal, Draft>, limit: Int) async throws -> Created<Note> {
        let draft = call.input
        let note = try await call.database.first(
            """
            insert into notes (title, body)
            select \(draft.title), \(draft.body)
            where (select count(*) from notes) < \(limit)
            returning \(Note.columns)
            """, Note.init)
        guard let note else { throw Problem(.tooManyNotes) }
        call.emit(.noteWritten, ["note": note.id.text])
        return Created(note)
    }

    static func change(_ call: Call<Principal, Change>) async throws -> Note {
        let change = call.input
        return try await call.database.one(
            """
            update notes
            set title = coalesce(\(change.title), title), body = coalesce(\(change.body), body), updated_at = now()
            where id = \(change.id)
            returning \(Note.columns)
            """, Note.init)
    }

    static func delete(_ call: Call<Principal, Which>) async throws -> NoContent {
        let deleted = try await call.database.run("delete from notes where id = \(call.input.id)")
        guard deleted == 1 else { throw Problem(.notFound) }
        return NoContent()
    }
}
