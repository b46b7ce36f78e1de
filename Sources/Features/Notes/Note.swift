import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One note, as its readers see it.
struct Note: Output {
    typealias ID = Platform.ID<Note>

    let id: ID
    let authorID: Platform.ID<Person>?
    let title: String
    let body: String
    let createdAt: Date
    let updatedAt: Date

    static let shape = Shape<Note>(
        "Note",
        [
            Member("id") { $0.id },
            Member("authorId") { $0.authorID },
            Member("title") { $0.title }.example("First note"),
            Member("body") { $0.body }.example("What it says."),
            Member("createdAt") { $0.createdAt },
            Member("updatedAt") { $0.updatedAt },
        ])
}

extension Note {
    static let columns: SQL = "id, author_id, title, body, created_at, updated_at"

    init(_ row: Row) throws {
        id = try row["id"]
        authorID = try row["author_id"]
        title = try row["title"]
        body = try row["body"]
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}
