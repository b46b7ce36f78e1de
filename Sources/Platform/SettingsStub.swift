public enum Stage: String, Sendable, CaseIterable { case development, staging, production, test }
public struct Secret: Sendable { let t: String; public init(_ text: String) { t = text }; public func reveal() -> String { t } }
public enum Need { case optional, requiredIn(Set<Stage>) }
public enum SecretShape { case any, bits(Int) }
public struct SettingReader {
  let env: [String: String]
  public let stage: Stage
  public mutating func group(_ t: String) {}
  public mutating func int(_ name: String, default d: Int, in r: ClosedRange<Int>, unit: String? = nil, aliases: [String] = [], config: String? = nil, _ doc: String) -> Int { env[name].flatMap { Int($0) } ?? d }
  public mutating func bool(_ name: String, default d: Bool, aliases: [String] = [], config: String? = nil, _ doc: String) -> Bool { env[name].map { $0 == "true" } ?? d }
  public mutating func milliseconds(_ name: String, default d: Duration, in r: ClosedRange<Duration>, aliases: [String] = [], config: String? = nil, _ doc: String) -> Duration { env[name].flatMap { Int($0) }.map { name.hasPrefix("HEALTH") ? .milliseconds($0) : .seconds($0) } ?? d }
  public mutating func seconds(_ name: String, default d: Duration, in r: ClosedRange<Duration>, aliases: [String] = [], config: String? = nil, _ doc: String) -> Duration { env[name].flatMap { Int($0) }.map { name.hasPrefix("HEALTH") ? .milliseconds($0) : .seconds($0) } ?? d }
  public mutating func string(_ name: String, default d: String, aliases: [String] = [], config: String? = nil, _ doc: String) -> String { env[name] ?? d }
  public mutating func optionalString(_ name: String, aliases: [String] = [], config: String? = nil, _ doc: String) -> String? { nil }
  public mutating func url(_ name: String, default d: String?, aliases: [String] = [], config: String? = nil, _ doc: String) -> String? { env[name] ?? d }
  public mutating func list(_ name: String, default d: [String], aliases: [String] = [], config: String? = nil, _ doc: String) -> [String] { d }
  public mutating func choice<C: RawRepresentable & CaseIterable>(_ name: String, default d: C, aliases: [String] = [], config: String? = nil, _ doc: String) -> C where C.RawValue == String { env[name].flatMap { C(rawValue: $0) } ?? d }
  public mutating func secret(_ name: String, need: Need, shape: SecretShape = .any, aliases: [String] = [], config: String? = nil, _ doc: String) -> Secret? { env[name].map { Secret($0) } }
  public mutating func problem(_ name: String, _ message: String, fix: String, onlyIn: Set<Stage>? = nil) {}
  public mutating func advice(_ name: String, _ message: String) {}
}
extension SettingReader { public init(sources: SettingSources) { env = sources.e; stage = Stage(rawValue: env["NODE_ENV"] ?? "") ?? .development }; public func report() -> SettingsReport { SettingsReport() } }
public struct SettingSources: Sendable { let e: [String: String]; public init(environment: [String: String], dotenv: String?, toml: String?) { e = environment }; public static func load(directory: String, environment: [String: String]) throws -> SettingSources { .init(environment: environment, dotenv: nil, toml: nil) } }
public struct SettingsReport: Sendable { public var settings: [Setting] = []; public var advice: [SettingAdvice] = []; public func problems(for: Stage) -> [SettingAdvice] { [] } }
public struct SettingAdvice: Sendable { public var name = "", message = "" }
public struct Setting: Sendable { public enum Source: Sendable { case `default`, environment }; public var group = "", name = "", doc = "", type = "", printableValue = ""; public var isSecret = false; public var source = Source.default }
public enum CheckReport { public static func render(_ r: SettingsReport, stage: Stage) -> String { "" }; public static func json(_ r: SettingsReport, stage: Stage) -> String { "" } }
