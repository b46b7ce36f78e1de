import Codecs

/// Answers of a Redis that may be anything. The first byte chooses how it comes in pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryRESP(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let trial = Trial(data, count)
    let whole = read(trial.bytes, piece: max(1, trial.bytes.count))
    let pieces = read(trial.bytes, piece: Int(trial.choice % 16) + 1)
    // As text: NaN is an answer too, and equal to nothing.
    require("\(pieces.values)" == "\(whole.values)", "pieces change no answer")
    require(pieces.fault == whole.fault, "pieces change no verdict")
    for value in whole.values {
        checkSize(value)
        checkAccessors(value)
        require(isClosed(value), "what was written is read as the same")
    }
    checkRedirect(trial.text)
    return 0
}

private let limits = RESPLimits(depth: 6, lineBytes: 256, elements: 200, replyBytes: 2_048)

private struct Reading {
    var values: [RESPValue] = []
    var fault: RESPFault?
}

/// Reads as a connection does: what was not read is given again with what follows.
private func read(_ bytes: [UInt8], piece: Int) -> Reading {
    var decoder = RESPDecoder(limits: limits)
    var reading = Reading()
    var unread: [UInt8] = []
    var rest = bytes[...]
    do throws(RESPFault) {
        while !rest.isEmpty {
            unread += rest.prefix(piece)
            rest = rest.dropFirst(piece)
            var isMore = true
            while isMore {
                let result = unread.withUnsafeBytes { bytes in
                    Result { () throws(RESPFault) in try decoder.decode(bytes) }
                }
                let (value, count) = try result.get()
                require((0...unread.count).contains(count), "no more is read than there is")
                unread.removeFirst(count)
                if let value { reading.values.append(value) }
                isMore = value != nil
            }
        }
    } catch {
        reading.fault = error
    }
    return reading
}

private func checkSize(_ value: RESPValue) {
    let size = measure(value)
    require(size.depth <= limits.depth, "an answer is no deeper than allowed")
    require(size.elements <= limits.elements, "an answer has no more elements than allowed")
    require(size.bytes <= limits.replyBytes, "an answer is no longer than allowed")
}

private func measure(_ value: RESPValue) -> (depth: Int, elements: Int, bytes: Int) {
    func all(_ values: [RESPValue]) -> (depth: Int, elements: Int, bytes: Int) {
        values.map(measure).reduce((1, 1, 0)) { (max($0.0, $1.depth + 1), $0.1 + $1.elements, $0.2 + $1.bytes) }
    }
    return switch value {
    case .array(let values), .set(let values), .push(let values): all(values)
    case .map(let pairs): all(pairs.flatMap { [$0.key, $0.value] })
    case .bulk(let bytes): (0, 1, bytes.count)
    case .null, .integer, .double, .boolean, .simple, .bigNumber, .error: (0, 1, 0)
    }
}

/// None of them may trap on what a server made up.
private func checkAccessors(_ value: RESPValue) {
    _ = (value.integer, value.bytes, value.text, value["proto"])
    if case .error(let error) = value {
        if let redirect = RedisRedirect(error) {
            require((0..<RedisSlot.count).contains(redirect.slot), "a slot is one of a cluster's")
            require((1...65_535).contains(redirect.port), "a port is one")
        }
    }
    for element in value.elements ?? [] { checkAccessors(element) }
}

/// Bulks go through the writer: what it writes is one array that is read as the same bulks.
private func isClosed(_ value: RESPValue) -> Bool {
    let bulks = (value.elements ?? [value]).compactMap { element -> [UInt8]? in
        if case .bulk(let bytes) = element { bytes } else { nil }
    }
    guard !bulks.isEmpty, bulks.joined().count < 1_000, bulks.count < 50 else { return true }
    let written = RESPCommand(bulks.map { .bytes($0) }).bytes
    return read(written, piece: written.count).values == [.array(bulks.map { .bulk($0) })]
}

private func checkRedirect(_ text: String) {
    if let redirect = RedisRedirect(RESPError(text)) {
        require(redirect.isOnce == text.hasPrefix("ASK "), "only ASK is for once")
    }
    let slot = RedisSlot.of(text.utf8)
    require((0..<RedisSlot.count).contains(slot), "every key has a slot")
    require(RedisSlot.of("{\(text)".utf8) >= 0, "also with half a tag")
}
