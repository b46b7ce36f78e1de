import Codecs

/// Tokens: what is taken has one spelling, names an algorithm, and claims nothing that is refused. The first byte chooses
/// whether the bytes are the token, or the header and the payload of one, which libFuzzer could hardly find through base64.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryToken(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    checkEncodings(trial)
    switch trial.choice & 3 {
    case 0: check(trial.text)
    case 1: checkParts(header: trial.bytes, payload: Array("{}".utf8))
    default:
        let middle = trial.bytes.firstIndex(of: 0) ?? trial.bytes.endIndex
        checkParts(header: Array(trial.bytes[..<middle]), payload: Array(trial.bytes[middle...].dropFirst()))
    }
    return 0
}

private func checkParts(header: [UInt8], payload: [UInt8]) {
    let token = [header, payload, [1, 2, 3]].map { Base64URL.encode($0) }.joined(separator: ".")
    check(token)
    guard let taken = CompactJWS(token) else { return }
    require(taken.payload == payload, "the payload is what was put in")
}

private func check(_ token: String) {
    guard let taken = CompactJWS(token) else { return }
    require(token.utf8.count <= CompactJWS.limit, "no token is longer than the limit")
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    require(parts.count == 3, "a token has three parts")
    for part in parts {
        require(Base64URL.decode(part).map { Base64URL.encode($0) } == String(part), "each part has one spelling")
    }
    guard let header = Base64URL.decode(parts[0]).flatMap({ try? JSON(parsing: $0) })?.object else {
        return require(false, "the header is an object")
    }
    require(header["alg"] == .string(taken.algorithm), "the algorithm is the header's")
    require(header["kid"]?.string == taken.keyID, "the key's id is the header's, and text")
    require(taken.keyID.map { (1...128).contains($0.utf8.count) } ?? true, "the key's id is bounded")
    for name in ["crit", "jku", "jwk", "x5c", "x5u"] {
        require(header[name] == nil, "a header with \(name) is refused")
    }
}

private func checkEncodings(_ trial: Trial) {
    require(Base64URL.decode(Base64URL.encode(trial.bytes)) == trial.bytes, "base64url reads what it wrote")
    require(Hex.decode(Hex.encode(trial.bytes)) == trial.bytes, "hex reads what it wrote")
    let text = trial.text
    if let bytes = Base64URL.decode(text) { require(Base64URL.encode(bytes) == text, "base64url has one spelling") }
    if let bytes = Hex.decode(text) { require(Hex.encode(bytes) == text.lowercased(), "hex differs in case alone") }
    if let id = UUIDText.parse(text) {
        require(UUIDText.format(id) == text.lowercased(), "an id differs in case alone")
    }
    require(ConstantTime.equal(trial.bytes, Array(text.utf8)) == (trial.bytes == Array(text.utf8)), "equal is equal")
}
