/// Settings: `.env` and durations. What is read can be written and read again; nothing that is malformed is passed over.
@_cdecl("LLVMFuzzerTestOneInput")
public func trySettings(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    if trial.choice & 1 == 0 {
        checkDotenv(trial.text)
    } else {
        checkDuration(trial.text)
    }
    return 0
}

private func checkDotenv(_ text: String) {
    let file = Dotenv(text)
    let lines = text.utf8.count { $0 == 0x0A } + 1
    require(file.malformed.allSatisfy { (1...lines).contains($0) }, "a malformed line is one of the file's")
    require(zip(file.malformed, file.malformed.dropFirst()).allSatisfy(<), "each line is told once, in order")
    require(file.values.count + file.malformed.count <= lines, "a line is one assignment or one fault")
    for (name, value) in file.values {
        let isName = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F
        }
        require(isName && !name.isEmpty, "a name is letters, digits and _")
        let again = Dotenv("\(name)=\(quoted(value))")
        require(again.malformed.isEmpty, "a quoted value is well formed")
        require(again.values[name].map { Array($0.utf8) } == Array(value.utf8), "a value reads as it was written")
    }
    let beside = Dotenv("\(text)\nLAST_OF_ALL=1")
    require(beside.values["LAST_OF_ALL"] == "1", "no line swallows the next")
}

private func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
        switch scalar {
        case "\"", "\\": text += "\\" + String(scalar)
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text + "\""
}

private func checkDuration(_ text: String) {
    guard let duration = DurationText.parse(text) else { return }
    require(text.utf8.count <= 64 || text.utf8.contains(0x30), "a duration is a number")
    if duration >= .zero {
        require(DurationText.parse(DurationText.short(duration)) == duration, "a duration reads as it was written")
    } else {
        require(text.hasPrefix("-"), "only a minus makes a duration negative")
    }
}
