import TOMLKit

/// Supabase's config.toml, flattened to dotted keys. Lists become comma separated text.
struct TomlFile: Sendable {
    private(set) var values: [String: String] = [:]
    /// What is wrong with the file as a whole.
    private(set) var fault: String?

    init(_ text: String) {
        guard Self.isWhole(text) else {
            fault = "it must not contain the character U+0000"
            return
        }
        if let found = TomlCheck.fault(in: text) {
            fault = "line \(found.line): \(found.message)"
            return
        }
        do {
            read(try TOMLTable(string: text), prefix: "")
        } catch let error as TOMLParseError {
            fault = "line \(error.source.begin.line): \(error.description)"
        } catch {
            fault = "it cannot be read"
        }
    }

    /// The library takes and gives C's strings: U+0000, plain or escaped, would end the file or a value early, and nobody would
    /// be told.
    private static func isWhole(_ text: String) -> Bool {
        !text.utf8.contains(0) && !text.contains(#"\u0000"#) && !text.contains(#"\U00000000"#)
    }

    private mutating func read(_ table: TOMLTable, prefix: String) {
        for (key, value) in table {
            if let inner = value.table {
                read(inner, prefix: prefix + key + ".")
            } else if let list = value.array {
                values[prefix + key] = list.compactMap { Self.scalar($0.tomlValue) }.joined(separator: ",")
            } else if let text = Self.scalar(value.tomlValue) {
                values[prefix + key] = text
            }
        }
    }

    private static func scalar(_ value: TOMLValue) -> String? {
        if let text = value.string { return text }
        if let flag = value.bool { return flag ? "true" : "false" }
        if let number = value.int { return String(number) }
        return value.double.map { String($0) }
    }
}
