import Codecs

/// Headers and query strings that anybody may send. The first byte chooses which.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryHeader(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    switch trial.choice % 6 {
    case 0: checkAddress(trial.text)
    case 1: checkNetwork(trial.text)
    case 2: checkForwarded(trial.text)
    case 3: checkEncoding(trial.text)
    case 4: checkEntityTag(trial.text)
    default: checkQuery(trial.text)
    }
    checkRequestID(trial.text)
    return 0
}

private func checkAddress(_ text: String) {
    guard let address = IPAddress(text) else { return }
    require(IPAddress(address.description) == address, "an address reads what it wrote")
    require(IPAddress(bytes: address.bytes) == address, "an address is its bytes")
    require(address.bytes.count == (address.family == .v4 ? 4 : 16), "each family has its length")
    require(address.description.utf8.count <= 39, "the canonical form is the shortest")
    let isPlain = text.utf8.allSatisfy { (0x30...0x3A).contains($0) || $0 == 0x2E || (0x41...0x46).contains($0 & 0xDF) }
    require(isPlain, "an address is digits, points and colons")
}

private func checkNetwork(_ text: String) {
    guard let network = IPNetwork(text) else { return }
    require(IPNetwork(network.description) == network, "a network reads what it wrote")
    require(network.contains(network.address), "a network holds its first address")
    require(
        (0...network.address.bytes.count * 8).contains(network.prefixLength), "a prefix is no longer than an address")
}

private func checkForwarded(_ text: String) {
    let trusted = TrustedProxies(["10.0.0.0/8", "fd00::/8"].compactMap { IPNetwork($0) })
    let hops = text.split(separator: ",", omittingEmptySubsequences: false)
    guard let client = trusted.client(in: text) else { return }
    let last = hops.last.map { $0.drop { $0 == " " || $0 == "\t" } } ?? ""
    require(text.utf8.contains { $0 == 0x2E || $0 == 0x3A }, "a client has an address in the header")
    if let nearest = IPAddress(last), !trusted.contains(nearest) {
        require(client == nearest, "left of a proxy that is not trusted nothing is believed")
    }
    require(trusted.client(in: "6.6.6.6, " + text) == client || trusted.contains(client), "a prefix changes no client")
    require(trusted.client(in: "x," + text) == client || hops.count >= TrustedProxies.mostHops, "nor does nonsense")
}

private func checkEncoding(_ text: String) {
    let accepted = AcceptEncoding(text)
    for coding in ["br", "gzip", "identity"] {
        require((0...1).contains(accepted.weight(of: coding)), "a weight is 0 to 1")
    }
    if let best = accepted.best(of: ["br", "gzip"]) {
        require(["br", "gzip"].contains(best), "only what is offered is chosen")
        require(accepted.weight(of: best) > 0, "what is refused is not chosen")
        require(accepted.weight(of: best) >= accepted.weight(of: "gzip"), "the best is no worse than another")
    }
    if text.utf8.count > 512 { require(accepted.best(of: ["br"]) == nil, "of a long header nothing is believed") }
}

private func checkEntityTag(_ text: String) {
    let tag = EntityTag("a1")
    if tag.isNamed(in: text) { require(text == "*" || text.contains("\"a1\""), "only what names the tag matches") }
    require(tag.isNamed(in: tag.text), "a tag names itself")
    require(text.utf8.count > 4_000 || tag.isNamed(in: tag.text + ", " + text), "what follows a match changes nothing")
}

private func checkQuery(_ text: String) {
    guard let pairs = QueryString.pairs(text) else { return }
    require(pairs.count <= QueryString.mostPairs, "the pairs are bounded")
    let written = pairs.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
    guard let again = QueryString.pairs(written) else { return require(false, "what is written can be read") }
    require(bytes(of: again) == bytes(of: pairs), "the pairs read as the same")
}

private func bytes(of pairs: [(name: String, value: String)]) -> [[UInt8]] {
    pairs.flatMap { [Array($0.name.utf8), Array($0.value.utf8)] }
}

private func escaped(_ text: String) -> String {
    text.utf8.map { "%" + Hex.encode([$0]) }.joined()
}

private func checkRequestID(_ text: String) {
    let id = RequestID.from(text)
    require((1...128).contains(id.utf8.count), "an id is bounded")
    require(!id.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x22 || $0 == 0x5C }, "an id breaks no line of a log")
    require(RequestID.from(id) == id, "an id that was given is kept")
}
