/// A setting as it was declared by being read, and what was found.
public struct Setting: Sendable {
    public enum Source: String, Sendable {
        case environment, dotenv, toml, file, `default`
    }

    public let group: String
    public let name: String
    public let aliases: [String]
    /// `string`, `number`, `boolean`, `url`, `duration`, `list` or `secret`.
    public let type: String
    /// The bounds, for people: `1...500`.
    public let bounds: String?
    public let defaultText: String?
    public let doc: String
    public let isSecret: Bool
    public let neededIn: Set<Stage>
    /// The key in config.toml.
    public let configKey: String?
    public internal(set) var source: Source
    /// The value, or `***` for a secret.
    public internal(set) var printableValue: String
    let shape: SecretShape
    /// What was found: one, or several where the setting is a list of secrets.
    var secrets: [Secret] = []
    /// Whether each of several counts by itself.
    var isList = false
}

/// What is wrong, and how to mend it. The value itself is never told.
public struct SettingProblem: Sendable, Hashable {
    public let name: String
    public let message: String
    public let fix: String
    /// Only in these stages; nil: in all.
    let stages: Set<Stage>?
}

/// What is allowed and could be better.
public struct SettingAdvice: Sendable, Hashable {
    public let name: String
    public let message: String
}

/// Where a secret must be set.
public enum Need: Sendable {
    case optional
    case requiredIn(Set<Stage>)
}

/// What a secret must look like.
public enum SecretShape: Sendable {
    case any
    /// At least so many bits, as text of a byte each 8.
    case bits(Int)
}
