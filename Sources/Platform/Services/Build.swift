#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which program this is.
public struct Build: Sendable {
    /// Semantic version, also in CHANGELOG.md.
    public let version: String
    public let number: String
    /// Nil when the build was not told.
    public let commit: String?
    public let stage: Stage
    public let started: Date
    /// Tags logs and tokens (SUPABASE_PROJECT_ID).
    public let project: String

    public init(version: String, number: String, commit: String?, stage: Stage, started: Date, project: String) {
        self.version = version
        self.number = number
        self.commit = commit
        self.stage = stage
        self.started = started
        self.project = project
    }
}
