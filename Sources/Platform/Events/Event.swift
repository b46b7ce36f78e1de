import Logging

/// Something that happened and is worth knowing: declared by its feature and told once. One telling is a log line, a count, and,
/// of events that are kept, a row of the audit log.
public struct Event: Hashable, Sendable {
    /// `sign_in.succeeded`: what, then how. The guide's security events have the guide's names.
    public let name: String
    public let level: Logger.Level
    public let doc: String
    /// How the audit log keeps it; nil: it is not kept.
    public let kept: Kept?

    public init(_ name: String, _ doc: String, at level: Logger.Level = .info, kept: Kept? = nil) {
        self.name = name
        self.level = level
        self.doc = doc
        self.kept = kept
    }

    /// Whether it is one of those that somebody who watches over the product wants to be told of.
    public var isSecurity: Bool { kept?.isSecurity ?? false }
}

extension Event {
    /// What the audit log says of an event beside its name.
    public struct Kept: Hashable, Sendable {
        public let category: Category
        public let result: Result
        public let isSecurity: Bool

        /// Of something that was done.
        public static func `in`(_ category: Category, _ result: Result = .success) -> Kept {
            Kept(category: category, result: result, isSecurity: category == .security)
        }

        /// Of a security event: it is shown in `recent_security_events`, and counted by itself.
        public static func security(_ category: Category, _ result: Result = .success) -> Kept {
            Kept(category: category, result: result, isSecurity: true)
        }
    }

    public enum Category: String, Sendable, CaseIterable {
        case auth, billing, api, system, security, admin
    }

    public enum Result: String, Sendable, CaseIterable {
        case success
        /// It was tried and did not come off, as a wrong password.
        case failure
        /// It was not allowed.
        case denied
    }
}
