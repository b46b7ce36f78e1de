import Codecs

/// `.env.example`, from the very settings that the server reads.
public enum EnvExample {
    public static func render(_ report: SettingsReport) -> String {
        var lines = ["# Every setting of Lean SaaS. Generated from the sources by scripts/golden: do not edit.", ""]
        for (group, settings) in report.grouped {
            lines += ["# --- \(group)", ""]
            for setting in settings {
                lines.append("# \(setting.doc)")
                if let bounds = setting.bounds { lines.append("# \(bounds)") }
                let value = setting.isSecret ? "" : setting.defaultText ?? ""
                lines += ["#\(setting.name)=\(value.contains(" ") ? "\"\(value)\"" : value)", ""]
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// docs/reference/settings.md.
public enum SettingsPage {
    public static func render(_ report: SettingsReport) -> String {
        var lines = [
            "# Settings", "",
            "Generated from the sources by `scripts/golden`: do not edit.", "",
            "Sources, the first wins: process environment, `.env`, `config.toml`, default. Any secret may come from a file:",
            "`NAME_FILE`. Defaults are those of development.", "",
        ]
        for (group, settings) in report.grouped {
            lines += ["## \(group)", "", "| Name | Type | Default | What it does |", "|---|---|---|---|"]
            lines += settings.map(row)
            lines.append("")
        }
        return lines.joined(separator: "\n")
    }

    /// The same for programs: a list of settings. What is set here and now is no part of it.
    public static func json(_ report: SettingsReport) -> JSON {
        .array(
            report.settings.map { setting in
                [
                    "name": .string(setting.name), "group": .string(setting.group), "type": .string(setting.type),
                    "bounds": setting.bounds.map { .string($0) } ?? .null,
                    "default": setting.defaultText.map { .string($0) } ?? .null,
                    "secret": .bool(setting.isSecret),
                    "neededIn": .array(setting.neededIn.map(\.rawValue).sorted().map { .string($0) }),
                    "aliases": .array(setting.aliases.map { .string($0) }),
                    "configKey": setting.configKey.map { .string($0) } ?? .null,
                    "description": .string(setting.doc),
                ]
            })
    }

    private static func row(_ setting: Setting) -> String {
        var name = "`\(setting.name)`"
        if !setting.aliases.isEmpty { name += "<br>also " + setting.aliases.map { "`\($0)`" }.joined(separator: ", ") }
        if let key = setting.configKey { name += "<br>config.toml `\(key)`" }
        let type = setting.type + (setting.bounds.map { "<br>\($0)" } ?? "")
        let value = setting.defaultText.map { $0.isEmpty ? "" : "`\($0)`" } ?? ""
        return "| \(name) | \(type) | \(value) | \(setting.doc) |"
    }
}

extension SettingsReport {
    /// By heading, in the order of reading.
    var grouped: [(String, [Setting])] {
        var groups: [(String, [Setting])] = []
        for setting in settings {
            if let index = groups.firstIndex(where: { $0.0 == setting.group }) {
                groups[index].1.append(setting)
            } else {
                groups.append((setting.group, [setting]))
            }
        }
        return groups
    }
}
