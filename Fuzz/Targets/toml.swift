/// config.toml, through the library that parses it. What is read can be written and read again, and a file is read whole or told
/// to be faulty.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryTOML(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    let file = TomlFile(text)
    if let fault = file.fault {
        require(file.values.isEmpty, "nothing of a faulty file is believed")
        require(!fault.isEmpty, "a fault is told")
        return 0
    }
    require(!bytes.contains(0), "U+0000 is a fault: what stands behind it would not be read")
    for (name, value) in file.values { checkAgain(name, value) }
    let beside = TomlFile(text + "\n[last-of-all]\nreached = 1\n")
    if beside.fault == nil {
        require(beside.values["last-of-all.reached"] == "1", "what follows is read too")
    } else {
        require(text.contains("last-of-all"), "only a name that is taken makes a table more a fault")
    }
    return 0
}

private func checkAgain(_ name: String, _ value: String) {
    let again = TomlFile("\(quoted(name)) = \(quoted(value))\n")
    require(again.fault == nil, "a quoted value is well formed")
    require(again.values.count == 1, "one line is one value")
    require(again.values[name].map { Array($0.utf8) } == Array(value.utf8), "a value reads as it was written")
}

/// A basic string (TOML 1.0, "String"): what is no plain character is escaped by its number.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || scalar.value == 0x7F {
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
