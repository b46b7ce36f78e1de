import Platform
import Postgres

/// One figure of the guide beside the server's.
package struct Comparison: Sendable {
    package enum Standing: String, Sendable {
        case same, better, differs
        /// Set, and waiting for a restart.
        case waits
    }

    package let figure: Figure
    /// The server's value, as `show` prints it.
    package let found: String
    package let needsRestart: Bool
    package let standing: Standing
}

/// Compares a server with the guide's figures and brings it there.
package struct Tuning: Sendable {
    private let settings: DatabaseSettings

    /// - Parameter settings: for `apply` those of a superuser; any role may compare.
    package init(_ settings: DatabaseSettings) {
        var settings = settings
        settings.maximumConnections = 1
        self.settings = settings
    }

    /// All figures, in the guide's order. Throws `DatabaseError` when there is no connection.
    package func compare() async throws -> [Comparison] {
        let database = Database(settings)
        let found: [ServerSetting]
        do {
            found = try await database.all(
                """
                select name, setting, coalesce(unit, '') as unit, context, pending_restart
                from pg_settings
                where name = any(\(SQLArray(Figure.all.map(\.name)))::text[])
                """
            ) { row in
                ServerSetting(
                    name: try row["name"], text: try row["setting"], unit: try row["unit"],
                    context: try row["context"], isPending: try row["pending_restart"])
            }
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return Figure.all.compactMap { figure in
            guard let setting = found.first(where: { $0.name == figure.name }) else { return nil }
            let standing = figure.standing(of: setting)
            return Comparison(
                figure: figure, found: setting.shown, needsRestart: setting.context == "postmaster",
                standing: standing == .differs && setting.isPending ? .waits : standing)
        }
    }

    /// Sets what differs and lets the server read it. What is better stays.
    ///
    /// - Returns: all figures as they stand afterwards; `differs` is what something else overrides.
    /// - Throws: `DatabaseError.server` when the role may not.
    package func apply(_ comparisons: [Comparison]) async throws -> [Comparison] {
        for comparison in comparisons where comparison.standing == .differs {
            // Each alone: `alter system` runs in no transaction, and takes no parameters. All of its text is ours.
            try await Bootstrap.administer(comparison.figure.statement, on: settings)
        }
        try await Bootstrap.administer("select pg_reload_conf()", on: settings)
        return try await settled()
    }

    /// The server reads its files some time after it was told: asked anew for at most five seconds.
    private func settled() async throws -> [Comparison] {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            let now = try await compare()
            if !now.contains(where: { $0.standing == .differs }) || ContinuousClock.now > deadline { return now }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// Comparisons as a table for people.
package enum TuningReport {
    package static func render(_ comparisons: [Comparison]) -> String {
        let rows =
            [("setting", "guide", "server", "", "")]
            + comparisons.map {
                (
                    $0.figure.name, $0.figure.value, $0.found, sentence($0.standing),
                    $0.needsRestart && $0.standing == .differs ? "needs a restart" : ""
                )
            }
        let widths = (
            rows.map(\.0.count).max() ?? 0, rows.map(\.1.count).max() ?? 0, rows.map(\.2.count).max() ?? 0
        )
        let lines = rows.map { row in
            let columns = [padded(row.0, widths.0), padded(row.1, widths.1), padded(row.2, widths.2), row.3, row.4]
            return columns.filter { !$0.isEmpty }.joined(separator: "  ")
        }
        return lines.joined(separator: "\n")
    }

    private static func sentence(_ standing: Comparison.Standing) -> String {
        switch standing {
        case .same: "as the guide says"
        case .better: "better than the guide says"
        case .differs: "differs"
        case .waits: "set, waits for a restart"
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
