import Logging
import Platform

extension Node {
    /// A node from variables alone, as tests and tools make one. Nothing is connected yet.
    ///
    /// - Throws: `SettingsRefused` when the variables do not allow to start.
    package init(
        environment: [String: String], features: @escaping FeatureList, log: Logger, clock: WallClock
    ) throws {
        let sources = SettingSources(environment: environment, dotenv: nil, toml: nil)
        try self.init(Configuration(sources, features).checked(), log: log, clock: clock)
    }
}
