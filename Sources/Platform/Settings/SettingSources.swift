#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where settings come from, the first wins: process environment, `.env`, `config.toml`, default.
public struct SettingSources: Sendable {
    let environment: [String: String]
    let dotenv: Dotenv
    let toml: TomlFile
    /// For NAME_FILE.
    let readFile: @Sendable (String) throws -> String

    /// - Parameters:
    ///   - environment: variables of the process; an empty one counts as not set.
    ///   - dotenv: the text of `.env`.
    ///   - toml: the text of Supabase's config.toml.
    ///   - readFile: reads a secret's file.
    public init(
        environment: [String: String], dotenv: String?, toml: String?,
        readFile: @escaping @Sendable (String) throws -> String = Self.contents
    ) {
        self.environment = environment.filter { !$0.value.isEmpty }
        self.dotenv = Dotenv(dotenv ?? "")
        self.toml = TomlFile(toml ?? "")
        self.readFile = readFile
    }

    /// Reads `.env` and `config.toml` (or `supabase/config.toml`) of a directory, where they are.
    ///
    /// - Throws: when one of them is there and cannot be read.
    public static func load(directory: String, environment: [String: String]) throws -> SettingSources {
        func text(_ name: String) throws -> String? {
            let path = directory + "/" + name
            return FileManager.default.fileExists(atPath: path) ? try contents(path) : nil
        }
        return SettingSources(
            environment: environment, dotenv: try text(".env"),
            toml: try text("config.toml") ?? text("supabase/config.toml"))
    }

    /// The text of a file.
    @Sendable public static func contents(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    /// The first source that has one of the names, or the key of config.toml.
    func find(_ names: [String], config: String?) -> (value: String, source: Setting.Source, name: String)? {
        for name in names {
            if let value = environment[name] { return (value, .environment, name) }
        }
        for name in names {
            if let value = dotenv.values[name], !value.isEmpty { return (value, .dotenv, name) }
        }
        guard let config, let value = toml.values[config] else { return nil }
        return (resolved(value), .toml, config)
    }

    /// `env(NAME)` as the whole value.
    private func resolved(_ value: String) -> String {
        guard value.hasPrefix("env("), value.hasSuffix(")") else { return value }
        let name = String(value.dropFirst(4).dropLast())
        return environment[name] ?? dotenv.values[name] ?? ""
    }
}
