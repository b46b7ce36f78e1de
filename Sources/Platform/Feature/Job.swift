/// Work that happens by itself. Declared with its feature; `leansaas routes` and the docs list it.
public struct Job: Sendable {
    /// `notes.purge`.
    public let name: String
    /// Cron's five fields, in UTC.
    public let schedule: String
    let run: @Sendable (Services) async throws -> Void

    /// Every day at `HH:MM` UTC.
    public static func daily(
        _ name: String, at time: String, _ run: @escaping @Sendable (Services) async throws -> Void
    ) -> Job {
        let parts = time.split(separator: ":").compactMap { Int($0) }
        precondition(
            parts.count == 2 && (0...23).contains(parts[0]) && (0...59).contains(parts[1]), "a time is HH:MM")
        return Job(name: name, schedule: "\(parts[1]) \(parts[0]) * * *", run: run)
    }
}
