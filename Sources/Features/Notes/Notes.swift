import Platform

/// Short texts that an organization keeps. The sample feature: copy this folder to begin your own.
public enum Notes {}

extension Feature {
    /// - Parameter read: where the feature's settings come from.
    public static func notes(_ read: inout SettingReader) -> Feature {
        read.group("Notes")
        let limit = read.int(
            "NOTES_PER_ORGANIZATION", default: 1_000, in: 1...1_000_000, "Most notes that an organization keeps.")
        return Feature(
            name: "notes",
            needs: ["organizations"],
            functions: [
                .get("list", .needs(.readNotes), "List notes, the newest first", Notes.list).fromReplica(),
                .get("read", .needs(.readNotes), "Read one note", Notes.read),
                .post("write", .needs(.writeNotes), "Write a note", fails: [.tooManyNotes]) {
                    try await Notes.write($0, limit: limit)
                },
                .put("change", .needs(.writeNotes), "Change a note", Notes.change),
                .delete("delete", .needs(.writeNotes), "Delete a note", Notes.delete),
            ],
            schema: Notes.schema,
            permissions: [.readNotes, .writeNotes],
            events: [.noteWritten]
        )
    }
}

extension Permission {
    static let readNotes = Permission("notes:read", from: .readonly, "Read the organization's notes")
    static let writeNotes = Permission("notes:write", from: .member, "Write, change and delete notes")
}

extension Event {
    static let noteWritten = Event("notes.written", "A note was written")
}
