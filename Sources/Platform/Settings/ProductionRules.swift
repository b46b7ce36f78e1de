/// What production refuses, beyond what is malformed.
struct ProductionRules {
    let settings: [Setting]
    let sources: SettingSources

    var problems: [SettingProblem] {
        secrets().map { $0.problem } + twins() + leftovers() + addresses()
    }

    private struct Weakness {
        let problem: SettingProblem
    }

    /// Every secret that is read, and every one of the guide's names that stands in the environment or `.env`.
    private var known: [Known] {
        var found = settings.flatMap { setting in
            setting.secrets.enumerated().map { index, secret in
                Known(
                    name: setting.name, place: setting.isList ? index + 1 : nil, value: secret.reveal(),
                    shape: setting.shape)
            }
        }
        let read = Set(found.map(\.name))
        for name in GuideNames.secrets.subtracting(read).sorted() {
            if let value = sources.find([name], config: nil)?.value {
                found.append(Known(name: name, place: nil, value: value, shape: .any))
            }
        }
        return found
    }

    private struct Known {
        let name: String
        /// Which of several; nil where there is one.
        let place: Int?
        let value: String
        let shape: SecretShape

        /// The sentence about it, where several stand in one setting.
        func told(_ sentence: String) -> String { place.map { "number \($0) \(sentence)" } ?? sentence }

        var title: String { place.map { "number \($0) of \(name)" } ?? name }
    }

    private func secrets() -> [Weakness] {
        known.compactMap { secret in
            fault(secret.value, secret.shape).map { fault in
                Weakness(
                    problem: SettingProblem(
                        name: secret.name, message: secret.told(fault), fix: remedy(secret.name), stages: [.production])
                )
            }
        }
    }

    private func remedy(_ name: String) -> String {
        if name.hasPrefix("SUPABASE_") { return "Make it with `leansaas keys`, or leave it out." }
        let isOurs = settings.contains { $0.name == name && !name.hasSuffix("_URL") }
        return isOurs
            ? "Set a secret of its own; `openssl rand -hex 32` makes one."
            : "Set what its provider gave you, or leave it out."
    }

    private func fault(_ value: String, _ shape: SecretShape) -> String? {
        if Placeholder.matches(value) { return "is a placeholder" }
        if value.hasPrefix("dev_") || value.hasPrefix("test_") { return "is a development secret" }
        if case .bits(let bits) = shape, let weakness = Strength.weakness(of: value, bits: bits) { return weakness }
        return nil
    }

    /// One secret under two names: whoever learns one knows both. URLs of one database may be the same.
    private func twins() -> [SettingProblem] {
        let secrets = known.filter { !$0.name.hasSuffix("_URL") && !Placeholder.matches($0.value) }
        return secrets.indices.flatMap { index in
            secrets[..<index].filter { $0.value == secrets[index].value }.map { earlier in
                SettingProblem(
                    name: secrets[index].name, message: secrets[index].told("is the same secret as \(earlier.title)"),
                    fix: "Set a secret of its own.", stages: [.production])
            }
        }
    }

    private func leftovers() -> [SettingProblem] {
        var found: [String: String] = [:]
        for name in Set(sources.dotenv.values.keys).union(sources.environment.keys) {
            guard let value = sources.find([name], config: nil)?.value else { continue }
            let isOn = ["true", "1", "yes", "on"].contains(value.lowercased())
            if GuideNames.development.contains(name), isOn { found[name] = "is for development" }
            if name == "RATE_LIMIT_DISABLED" || name == "SECURITY_HEADERS_MINIMAL", isOn {
                found[name] = "is for development"
            }
            if name == "LOG_LEVEL", ["debug", "trace"].contains(value.lowercased()) {
                found[name] = "is for development: it logs too much"
            }
            if name.hasPrefix("DEV_") { found[name] = "is a variable of development" }
        }
        return found.sorted { $0.key < $1.key }.map { name, message in
            SettingProblem(name: name, message: message, fix: "Remove it in production.", stages: [.production])
        }
    }

    private func addresses() -> [SettingProblem] {
        settings.filter { ["API_URL", "APP_URL", "CORS_ORIGINS"].contains($0.name) }.compactMap { setting in
            let values = setting.printableValue.split(separator: ",")
            guard
                values.contains(where: {
                    $0.contains("localhost") || $0.contains("127.0.0.1") || !$0.hasPrefix("https://")
                })
            else { return nil }
            return SettingProblem(
                name: setting.name, message: "names an address without https, or this machine",
                fix: "Set the public https address.", stages: [.production])
        }
    }
}

/// Values that were copied from an example.
enum Placeholder {
    private static let marks = [
        "your-", "your_", "...", "changeme", "change-me", "change_me", "placeholder", "xxxx", "super-secure",
        "super-secret", "replace", "example", "todo",
    ]

    static func matches(_ value: String) -> Bool {
        let text = value.lowercased()
        return (text.hasPrefix("<") && text.hasSuffix(">")) || marks.contains { text.contains($0) }
    }
}

/// Whether a secret can be guessed.
enum Strength {
    static func weakness(of value: String, bits: Int) -> String? {
        let bytes = Array(value.utf8)
        guard bytes.count * 8 >= bits else { return "is too short: \(bytes.count) bytes of at least \(bits / 8)" }
        guard Set(bytes).count >= 10 else { return "has too few different characters" }
        for period in 1...8 where bytes.indices.dropFirst(period).allSatisfy({ bytes[$0] == bytes[$0 - period] }) {
            return "repeats itself"
        }
        return nil
    }
}
