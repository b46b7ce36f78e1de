/// The types of settings: whatever text a variable holds, the value is within its bounds, or it is the default and the fault is
/// told without the text. The first byte chooses the type.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryReader(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    let text = trial.text
    guard !text.isEmpty else { return 0 }
    var read = SettingReader(sources: SettingSources(environment: ["SAMPLE": text], dotenv: nil, toml: nil))
    switch trial.choice % 8 {
    case 0: checkNumber(&read, text)
    case 1: checkFlag(&read, text)
    case 2: checkMilliseconds(&read)
    case 3: checkSeconds(&read)
    case 4: checkURL(&read, text)
    case 5: checkList(&read)
    case 6: checkChoice(&read, text)
    default: checkSecret(&read, text)
    }
    checkNothingTold(text)
    return 0
}

/// How many faults the reader noted.
private func faults(_ read: SettingReader) -> Int { read.report().problems(for: .development).count }

private func again(_ text: String) -> SettingReader {
    SettingReader(sources: SettingSources(environment: ["SAMPLE": text], dotenv: nil, toml: nil))
}

private func checkNumber(_ read: inout SettingReader, _ text: String) {
    let value = read.int("SAMPLE", default: 7, in: -100...1_000_000, "A number.")
    require((-100...1_000_000).contains(value), "a number is within its bounds")
    require((faults(read) == 0) == (Int(text).map { (-100...1_000_000).contains($0) } ?? false), "what is none is told")
    if faults(read) > 0 { require(value == 7, "a fault gives the default") }
}

private func checkFlag(_ read: inout SettingReader, _ text: String) {
    let value = read.bool("SAMPLE", default: true, "A flag.")
    if faults(read) > 0 { return require(value, "a fault gives the default") }
    require(text.utf8.count <= 5, "a flag is a short word")
    var other = again(value ? "yes" : "off")
    require(other.bool("SAMPLE", default: !value, "A flag.") == value, "a flag reads as it was written")
}

private func checkMilliseconds(_ read: inout SettingReader) {
    let value = read.milliseconds("SAMPLE", default: .seconds(1), in: .zero...(.seconds(86_400)), "A time.")
    require((.zero...(.seconds(86_400))).contains(value), "a time is within its bounds")
    var other = again("\(value.components.seconds * 1_000 + value.components.attoseconds / 1_000_000_000_000_000)")
    require(
        other.milliseconds("SAMPLE", default: .seconds(2), in: .zero...(.seconds(86_400)), "A time.") == value,
        "a time reads as it was written")
}

private func checkSeconds(_ read: inout SettingReader) {
    let range: ClosedRange<Duration> = .seconds(1)...(.seconds(31_536_000))
    let value = read.seconds("SAMPLE", default: .seconds(10), in: range, "A time.")
    require(range.contains(value), "a time is within its bounds")
    var other = again(DurationText.short(value))
    require(
        other.seconds("SAMPLE", default: .seconds(3), in: range, "A time.") == value, "a time reads as it was written")
}

private func checkURL(_ read: inout SettingReader, _ text: String) {
    guard let value = read.url("SAMPLE", default: nil, "An address.") else {
        return require(faults(read) == 1, "what is no address is told")
    }
    let parts = value.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    require(parts.count == 3 && ["http:", "https:"].contains(parts[0]) && parts[1].isEmpty, "an address has a scheme")
    require(!parts[2].isEmpty && parts[2].first != "/", "an address has a host")
    require(
        value.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x2C }, "it can be quoted and listed")
    require(text == value || text == value + "/", "nothing but a slash at its end is changed")
}

private func checkList(_ read: inout SettingReader) {
    let items = read.list("SAMPLE", default: [], "Items.")
    for item in items {
        require(!item.isEmpty && !item.utf8.contains(0x2C), "an item is something, and has no comma")
        require(item.first != " " && item.last != " ", "an item has no spaces around it")
    }
    guard !items.isEmpty else { return }
    var other = again(items.joined(separator: ","))
    let written = other.list("SAMPLE", default: [], "Items.").map { Array($0.utf8) }
    require(written == items.map { Array($0.utf8) }, "a list reads as it was written")
}

private func checkChoice(_ read: inout SettingReader, _ text: String) {
    let value = read.choice("SAMPLE", default: Stage.test, "A word.")
    require((faults(read) == 0) == (Stage(rawValue: text.lowercased()) != nil), "another word is told")
    if faults(read) > 0 { require(value == .test, "a fault gives the default") }
}

private func checkSecret(_ read: inout SettingReader, _ text: String) {
    guard let secret = read.secret("SAMPLE", need: .optional, "A secret.") else {
        return require(false, "a secret that is set is there")
    }
    require(Array(secret.reveal().utf8) == Array(text.utf8), "a secret is what was set")
    require("\(secret)" == "<secret>" && String(reflecting: secret) == "<secret>", "it does not print")
    require(
        read.report().settings.allSatisfy { $0.printableValue != text || !$0.isSecret || text == "***" },
        "nor does its setting")
}

/// With a mark that no sentence of ours has, the value is wrong for most types: no report shows the mark.
private func checkNothingTold(_ text: String) {
    let value = text + "\u{2603}"
    var read = again(value)
    _ = read.int("SAMPLE", default: 1, in: 0...9, "A number.")
    _ = read.bool("SAMPLE", default: true, "A flag.")
    _ = read.url("SAMPLE", default: nil, "An address.")
    _ = read.choice("SAMPLE", default: Stage.test, "A word.")
    _ = read.secret("SAMPLE", need: .requiredIn([.production]), shape: .bits(256), "A secret.")
    let report = read.report()
    for stage in Stage.allCases {
        require(!CheckReport.render(report, stage: stage).contains("\u{2603}"), "no report shows a value")
        require(!CheckReport.json(report, stage: stage).contains("\u{2603}"), "nor does one for programs")
    }
}
