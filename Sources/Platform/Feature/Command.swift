/// Something that an operator does with a feature from the command line: `leansaas run notes.purge --older-than 30d`.
public struct Command: Sendable {
    /// `notes.purge`: the feature, then what it does.
    public let name: String
    public let doc: String
    package let run: @Sendable ([String], Services) async throws -> String

    /// - Parameter run: is given the words after the name, and gives back what is printed. What it throws is printed too,
    ///   and the command ends with status 1.
    public init(
        _ name: String, _ doc: String, _ run: @escaping @Sendable ([String], Services) async throws -> String
    ) {
        self.name = name
        self.doc = doc
        self.run = run
    }
}
