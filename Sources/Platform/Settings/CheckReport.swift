import Codecs

/// The report of `leansaas check`, for people and for programs.
public enum CheckReport {
    public static func render(_ report: SettingsReport, stage: Stage) -> String {
        let problems = report.problems(for: stage)
        let reasons = "\(problems.count) \(problems.count == 1 ? "reason" : "reasons")"
        var lines =
            problems.isEmpty
            ? ["The settings are fit for \(stage.rawValue)."]
            : ["\(stage.rawValue) would refuse to start, for \(reasons):", ""]
        for problem in problems {
            lines.append("  \(problem.name) \(problem.message)")
            lines.append("      \(problem.fix)")
        }
        if !report.advice.isEmpty {
            lines += ["", "Advice:"] + report.advice.map { "  \($0.name): \($0.message)" }
        }
        let set = report.settings.filter { $0.source != .default }.count
        lines += ["", "\(report.settings.count) settings are known, \(set) of them are set."]
        return lines.joined(separator: "\n")
    }

    /// `{"advice": […], "ok": …, "problems": [{"fix", "message", "name"}], "stage": …}`
    public static func json(_ report: SettingsReport, stage: Stage) -> String {
        let problems = report.problems(for: stage)
        let answer: JSON = [
            "advice": .array(
                report.advice.map { ["message": .string($0.message), "name": .string($0.name)] }),
            "ok": .bool(problems.isEmpty),
            "problems": .array(
                problems.map {
                    ["fix": .string($0.fix), "message": .string($0.message), "name": .string($0.name)]
                }),
            "stage": .string(stage.rawValue),
        ]
        return answer.text
    }
}
