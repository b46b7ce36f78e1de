import Platform

/// All settings of a product, read once: the server's own and each feature's.
struct Configuration: Sendable {
    let basics: Basics
    let server: ServerSettings
    let features: [Feature]
    let stage: Stage
    let report: SettingsReport

    init(_ sources: SettingSources, _ make: FeatureList) {
        var read = SettingReader(sources: sources)
        stage = read.stage
        basics = Basics(&read)
        server = ServerSettings(&read, basics)
        features = make(&read, basics)
        server.mail.checkTexts(features.flatMap(\.letters), &read)
        report = read.report()
    }

    /// - Throws: `SettingsRefused` that tells all problems of the stage together.
    func checked() throws -> Configuration {
        guard report.problems(for: stage).isEmpty else { throw SettingsRefused(report: report, stage: stage) }
        return self
    }
}

/// How a product lists its features: asked once, with the reader that their settings come from.
public typealias FeatureList = @Sendable (inout SettingReader, Basics) -> [Feature]

/// The settings do not allow to start.
struct SettingsRefused: Error, CustomStringConvertible {
    let report: SettingsReport
    let stage: Stage

    var description: String { CheckReport.render(report, stage: stage) }
}
