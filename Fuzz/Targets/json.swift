import Codecs

/// JSON: what is read can be written and read again as the same, and no limit is passed. The first byte chooses the limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryJSON(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    let limits = JSONLimits(
        maxDepth: Int(trial.choice & 15), maxElements: 4 << Int(trial.choice >> 4 & 7),
        allowsRepeatedKeys: trial.choice & 128 == 0)
    do throws(JSONError) {
        let value = try JSON(parsing: trial.bytes, limits: limits)
        check(value, trial.bytes, limits)
    } catch {
        checkRefusal(error, count: trial.bytes.count)
    }
    return 0
}

private func check(_ value: JSON, _ bytes: [UInt8], _ limits: JSONLimits) {
    require(depth(value) <= limits.maxDepth, "no value is deeper than the limit")
    require(elements(value) <= limits.maxElements, "no value holds more than the limit")
    let written = value.encoded()
    // An escape of a byte takes at most the six that it was read from.
    require(written.count <= 6 * bytes.count, "writing does not blow up")
    guard let again = try? JSON(parsing: written, limits: limits) else {
        return require(false, "what is written can be read, under the same limits")
    }
    require(again == value, "what is written reads as the same value")
    require(again.hashValue == value.hashValue, "equal values hash alike")
    require(again.encoded() == written, "writing again writes the same bytes")
    let generous = JSONLimits(maxDepth: 512, maxElements: .max)
    require((try? JSON(parsing: bytes, limits: generous)) == value, "a wider limit reads the same value")
    guard let object = value.object else { return }
    require(Set(object.keys.map { Array($0.utf8) }).count == object.count, "a key stands once")
    for (key, member) in object { require(object[key] == member, "each member is found by its key") }
}

private func checkRefusal(_ error: JSONError, count: Int) {
    switch error {
    case .malformed(let offset), .invalidUTF8(let offset):
        require((0...count).contains(offset), "the offset of a fault lies in the text or at its end")
    case .tooDeep, .tooMany: break
    }
}

private func depth(_ value: JSON) -> Int {
    switch value {
    case .array(let items): 1 + (items.map(depth).max() ?? 0)
    case .object(let members): 1 + (members.map { depth($0.value) }.max() ?? 0)
    case .null, .bool, .number, .string: 0
    }
}

private func elements(_ value: JSON) -> Int {
    switch value {
    case .array(let items): items.reduce(1) { $0 + elements($1) }
    case .object(let members): members.reduce(1) { $0 + elements($1.value) }
    case .null, .bool, .number, .string: 1
    }
}
