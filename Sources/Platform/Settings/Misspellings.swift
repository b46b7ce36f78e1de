/// Names that look like a known one but are not: a setting that is silently ignored costs an afternoon.
struct Misspellings {
    let settings: [Setting]
    let sources: SettingSources

    var problems: [SettingProblem] {
        let names = Set(settings.flatMap { [$0.name] + $0.aliases + ($0.isSecret ? [$0.name + "_FILE"] : []) })
        let known = names.union(GuideNames.secrets).union(GuideNames.others).union(GuideNames.development)
        let written = Set(sources.dotenv.values.keys).union(sources.environment.keys.filter { $0.utf8.count >= 6 })
        let variables = written.subtracting(known).sorted().compactMap { name in
            nearest(name, known, distance: 2).map { problem(name, $0) }
        }
        let keys = Set(settings.compactMap(\.configKey))
        let unknown = Set(sources.toml.values.keys).subtracting(keys).sorted()
        return variables + unknown.compactMap { name in nearest(name, keys, distance: 1).map { problem(name, $0) } }
    }

    private func problem(_ name: String, _ meant: String) -> SettingProblem {
        SettingProblem(
            name: name, message: "is no setting; did you mean \(meant)?", fix: "Rename it to \(meant), or remove it.",
            stages: nil)
    }

    private func nearest(_ name: String, _ known: Set<String>, distance most: Int) -> String? {
        let close = known.filter { abs($0.utf8.count - name.utf8.count) <= most }.map { candidate in
            (candidate, EditDistance.between(Array(name.utf8), Array(candidate.utf8)))
        }
        return close.filter { $0.1 <= most && $0.0.utf8.count > 5 }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }
}

/// Levenshtein's distance: insertions, deletions and replacements.
enum EditDistance {
    static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let cost = byte == right[column] ? diagonal : min(diagonal, row[column], row[column + 1]) + 1
                diagonal = row[column + 1]
                row[column + 1] = cost
            }
        }
        return row[right.count]
    }
}
