/// Reads settings, and by that declares them: the docs, `.env.example` and the report are made from what was read.
///
/// A value that is wrong is noted and the default is given back, so that all problems are told together.
public struct SettingReader {
    public let stage: Stage
    let sources: SettingSources
    private var title = "Application"
    private(set) var settings: [Setting] = []
    private(set) var problems: [SettingProblem] = []
    private(set) var advice: [SettingAdvice] = []

    public init(sources: SettingSources) {
        self.sources = sources
        let found = sources.find(["NODE_ENV", "APP_ENV"], config: nil)
        stage = found.flatMap { Stage(rawValue: $0.value.lowercased()) } ?? .development
        let declared = choice(
            "NODE_ENV", default: Stage.development, aliases: ["APP_ENV"],
            "Where the program runs: decides what is needed, and the defaults.")
        assert(declared == stage || found == nil || Stage(rawValue: found?.value ?? "") == nil, "one stage")
    }

    /// Settings that follow stand under this heading.
    public mutating func group(_ title: String) {
        self.title = title
    }

    /// A feature's own rule was broken.
    ///
    /// - Parameter onlyIn: stages in which it counts; nil: all.
    public mutating func problem(_ name: String, _ message: String, fix: String, onlyIn stages: Set<Stage>? = nil) {
        problems.append(SettingProblem(name: name, message: message, fix: fix, stages: stages))
    }

    /// Something that is allowed and could be better.
    public mutating func advice(_ name: String, _ message: String) {
        advice.append(SettingAdvice(name: name, message: message))
    }

    /// Whether a setting of another's has a value, for advice that depends on it.
    public func isSet(_ name: String) -> Bool {
        sources.find([name, name + "_FILE"], config: nil) != nil
    }

    /// All that was read and all that is wrong.
    public func report() -> SettingsReport {
        SettingsReport(settings: settings, problems: problems, advice: advice, sources: sources)
    }

    /// What every typed reader does: find, parse, note.
    mutating func read<Value>(
        _ declaration: Declaration, default value: Value, expecting: String, _ parse: (String) -> Value?
    ) -> Value {
        let found = sources.find([declaration.name] + declaration.aliases, config: declaration.config)
        settings.append(declaration.setting(group: title, found: found))
        guard let found else { return value }
        if let parsed = parse(found.value) { return parsed }
        problem(found.name, "is not \(expecting)", fix: "Set it to \(expecting), or remove it.")
        return value
    }

    /// Text that must not be shown; also from the file that NAME_FILE names.
    public mutating func secret(
        _ name: String, need: Need, shape: SecretShape = .any, aliases: [String] = [], config: String? = nil,
        _ doc: String
    ) -> Secret? {
        secret(name, need: need, shape: shape, aliases: aliases, config: config, doc) { [Secret($0)] }.first
    }

    /// Secrets between commas, each of which the rules for secrets are asked about. Spaces around them do not count.
    public mutating func secrets(
        _ name: String, need: Need, shape: SecretShape = .any, aliases: [String] = [], config: String? = nil,
        _ doc: String
    ) -> [Secret] {
        secret(name, need: need, shape: shape, aliases: aliases, config: config, isList: true, doc) { text in
            text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }.map { Secret(String($0)) }
        }
    }

    private mutating func secret(
        _ name: String, need: Need, shape: SecretShape, aliases: [String], config: String?, isList: Bool = false,
        _ doc: String, _ parts: (String) -> [Secret]
    ) -> [Secret] {
        let declaration = Declaration(
            name: name, aliases: aliases, config: config, type: "secret", bounds: nil, defaultText: nil, doc: doc)
        var found = sources.find([name] + aliases, config: config)
        if let file = sources.find([name + "_FILE"], config: nil) { found = contents(of: file.value, name, found) }
        var setting = declaration.setting(group: title, found: found, need: need, shape: shape)
        setting.secrets = found.map { parts($0.value) } ?? []
        setting.isList = isList
        settings.append(setting)
        return setting.secrets
    }

    private mutating func contents(
        of path: String, _ name: String, _ found: (value: String, source: Setting.Source, name: String)?
    ) -> (value: String, source: Setting.Source, name: String)? {
        if found != nil {
            problem(name, "and \(name)_FILE are both set", fix: "Set one of them.")
            return found
        }
        do {
            var text = try sources.readFile(path)
            while text.last?.isNewline == true { text.removeLast() }
            return (text, .file, name)
        } catch {
            problem(name + "_FILE", "names a file that cannot be read", fix: "Check its path and permissions.")
            return nil
        }
    }
}

/// What a setting is, before it is known whether it is set.
struct Declaration {
    let name: String
    let aliases: [String]
    let config: String?
    let type: String
    let bounds: String?
    let defaultText: String?
    let doc: String

    func setting(
        group: String, found: (value: String, source: Setting.Source, name: String)?, need: Need = .optional,
        shape: SecretShape = .any
    ) -> Setting {
        var stages: Set<Stage> = []
        if case .requiredIn(let needed) = need { stages = needed }
        let isSecret = type == "secret"
        let value = isSecret ? (found == nil ? "" : "***") : found?.value ?? defaultText ?? ""
        return Setting(
            group: group, name: name, aliases: aliases, type: type, bounds: bounds, defaultText: defaultText, doc: doc,
            isSecret: isSecret, neededIn: stages, configKey: config, source: found?.source ?? .default,
            printableValue: value, shape: shape)
    }
}
