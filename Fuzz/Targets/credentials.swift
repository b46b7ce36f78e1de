import Codecs

/// What a request shows to prove who it comes from: the Authorization and apikey headers. The first byte chooses.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryCredentials(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    switch trial.choice % 3 {
    case 0: checkHeader(trial.text)
    case 1: checkToken(trial.text)
    default: checkKey(trial.text)
    }
    return 0
}

private func checkHeader(_ header: String) {
    guard let token = BearerToken.read(header) else { return }
    require(header.utf8.count == 7 + token.utf8.count, "the scheme and a space stand before it")
    require(Array(header.utf8.dropFirst(7)) == Array(token.utf8), "a token is what is left, byte by byte")
    require(header.utf8.prefix(6).allSatisfy { (0x41...0x7A).contains($0) }, "the scheme is letters")
    require(header.utf8.dropFirst(6).first == 0x20, "a space ends the scheme")
    require(same(BearerToken.read("Bearer " + token), token), "a token that is sent again is the same")
    checkKey(token)
}

private func checkToken(_ text: String) {
    for scheme in ["Bearer ", "bearer ", "bEaReR "] {
        require(same(BearerToken.read(scheme + text), text), "the scheme counts in any case")
    }
    for scheme in ["Basic ", "Bearer\t", "Digest bearer ", " Bearer ", "Bearer\u{A0}"] {
        require(BearerToken.read(scheme + text) == nil, "another scheme gives no token")
    }
}

/// By bytes: two spellings of a letter are two tokens.
private func same(_ token: String?, _ text: String) -> Bool {
    token.map { Array($0.utf8) } == Array(text.utf8)
}

/// A key, or a token, is looked at as a JWT before anything else.
private func checkKey(_ key: String) {
    guard let taken = CompactJWS(key) else { return }
    require(key.utf8.count <= CompactJWS.limit, "no token is longer than the limit")
    require(key.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a JWT is visible ASCII: it breaks no line of a log")
    require(same(BearerToken.read("Bearer " + key), key), "what is a JWT in one header is one in the other")
    require(!taken.algorithm.isEmpty || key.utf8.contains(0x2E), "a JWT has parts")
}
