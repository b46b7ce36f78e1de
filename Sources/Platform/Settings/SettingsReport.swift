/// All settings that were read, and all that is wrong with them.
public struct SettingsReport: Sendable {
    public let settings: [Setting]
    public let advice: [SettingAdvice]
    private let noted: [SettingProblem]
    private let sources: SettingSources

    init(settings: [Setting], problems: [SettingProblem], advice: [SettingAdvice], sources: SettingSources) {
        self.settings = settings
        self.advice = advice
        self.sources = sources
        noted = problems
    }

    /// What keeps the program from starting in the stage, whatever stage it runs in now.
    public func problems(for stage: Stage) -> [SettingProblem] {
        var problems = files() + noted.filter { $0.stages?.contains(stage) ?? true }
        problems += missing(in: stage) + Misspellings(settings: settings, sources: sources).problems
        if stage == .production { problems += ProductionRules(settings: settings, sources: sources).problems }
        return problems
    }

    /// A duration as it is in force, for who does not read settings: `JWT_EXPIRY`. Nil when it is none.
    package func duration(_ name: String) -> Duration? {
        settings.first { $0.name == name }.flatMap { DurationText.parse($0.printableValue) }
    }

    /// A whole number as it is in force: `PASSWORD_MIN_LENGTH`. Nil when it is none.
    package func int(_ name: String) -> Int? {
        settings.first { $0.name == name }.flatMap { Int($0.printableValue) }
    }

    private func files() -> [SettingProblem] {
        var problems = sources.dotenv.malformed.map { line in
            SettingProblem(
                name: ".env", message: "line \(line) is no NAME=value",
                fix: "Close its quotes, or make it a comment with #.",
                stages: nil)
        }
        if let fault = sources.toml.fault {
            problems.append(SettingProblem(name: "config.toml", message: fault, fix: "Mend the file.", stages: nil))
        }
        return problems
    }

    private func missing(in stage: Stage) -> [SettingProblem] {
        settings.filter { $0.neededIn.contains(stage) && $0.secrets.isEmpty }.map { setting in
            SettingProblem(
                name: setting.name, message: "is missing", fix: setting.doc, stages: [stage])
        }
    }
}
