import Codecs
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RESPDecoderTests {
    @Test(arguments: [
        ("+OK\r\n", RESPValue.simple("OK")),
        ("-ERR no such\r\n", .error(RESPError("ERR no such"))),
        ("!7\r\nERR a\r\n\r\n", .error(RESPError("ERR a\r\n"))),
        (":-12\r\n", .integer(-12)),
        (":+12\r\n", .integer(12)),
        ("_\r\n", .null), ("$-1\r\n", .null), ("*-1\r\n", .null),
        ("#t\r\n", .boolean(true)), ("#f\r\n", .boolean(false)),
        (",1.5\r\n", .double(1.5)), (",-inf\r\n", .double(-.infinity)), (",1e3\r\n", .double(1_000)),
        ("(123456789012345678901\r\n", .bigNumber("123456789012345678901")),
        ("$3\r\na\r\n\r\n", .bulk([97, 13, 10])), ("$0\r\n\r\n", .bulk([])),
        ("=8\r\ntxt:some\r\n", .bulk(Array("some".utf8))),
        ("*0\r\n", .array([])),
        ("*2\r\n:1\r\n*1\r\n:2\r\n", .array([.integer(1), .array([.integer(2)])])),
        ("~1\r\n:1\r\n", .set([.integer(1)])),
        ("%1\r\n+a\r\n:1\r\n", .map([RESPPair(.simple("a"), .integer(1))])),
        (">2\r\n+a\r\n%0\r\n", .push([.simple("a"), .map([])])),
        ("|1\r\n+ttl\r\n:1\r\n:7\r\n", .integer(7)),
        ("*1\r\n|1\r\n+ttl\r\n:1\r\n:7\r\n", .array([.integer(7)])),
    ])
    func eachFormIsReadWholeAndInPieces(text: String, value: RESPValue) throws {
        for piece in [1, 2, 3, 1_000] {
            #expect(try read(text + "+next\r\n", piece: piece) == [value, .simple("next")])
        }
    }

    @Test(arguments: [
        ("HTTP/1.1\r\n", RESPFault.type(72)), ("x", .type(120)), ("?", .type(63)), ("+a\nb\r\n", .line),
        ("+a\rb\r\n", .line),
        (":1a\r\n", .malformed), (":\r\n", .malformed), (": 1\r\n", .malformed),
        (":9223372036854775808\r\n", .malformed),
        ("#x\r\n", .malformed), ("_x\r\n", .malformed), (",0x10\r\n", .malformed), (",\r\n", .malformed),
        ("(1.5\r\n", .malformed), ("$-2\r\n", .malformed), ("$ 1\r\n", .malformed), ("$1\r\nab\r\n", .malformed),
        ("~-1\r\n", .malformed), ("=2\r\nab\r\n", .malformed), ("=4\r\nabcd\r\n", .malformed),
        ("*2147483648\r\n", .tooLarge), ("*99999999999\r\n", .malformed), ("$2147483647\r\n", .tooLarge),
        ("%2147483647\r\n", .tooLarge), ("*1\r\n>1\r\n:1\r\n", .type(62)),
    ])
    func whatIsNoAnswerIsToldAndNotGuessed(text: String, fault: RESPFault) {
        for piece in [1, 1_000] {
            #expect(throws: fault) { try read(text, piece: piece) }
        }
    }

    @Test func everyLimitHolds() throws {
        let limits = RESPLimits(depth: 3, lineBytes: 40, elements: 10, replyBytes: 100)
        #expect(throws: RESPFault.tooDeep) { try read("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", limits: limits) }
        #expect(try read("*1\r\n*1\r\n*1\r\n:1\r\n", limits: limits).count == 1)
        #expect(throws: RESPFault.line) { try read("+" + String(repeating: "a", count: 40), limits: limits) }
        #expect(throws: RESPFault.tooLarge) { try read("*10\r\n", limits: limits) }
        #expect(try read("*9\r\n" + String(repeating: ":1\r\n", count: 9), limits: limits).count == 1)
        #expect(throws: RESPFault.tooLarge) {
            try read("*3\r\n*4\r\n" + String(repeating: ":1\r\n", count: 4) + "*4\r\n", limits: limits)
        }
        #expect(throws: RESPFault.tooLarge) { try read("$101\r\n", limits: limits) }
        let forty = "$40\r\n" + String(repeating: "a", count: 40) + "\r\n"
        #expect(throws: RESPFault.tooLarge) { try read("*3\r\n" + forty + forty + forty, limits: limits) }
        // Each answer has the whole of it.
        #expect(try read(forty + forty + forty, limits: limits).count == 3)
    }

    @Test func aCommandHoldsWhateverBytes() throws {
        let command = RESPCommand("set", .text("ä\r\n"), .bytes([0, 255]), .integer(-5))
        #expect(
            try read(String(decoding: RESPCommand("get", "a").bytes, as: UTF8.self))
                == [.array([.bulk(Array("get".utf8)), .bulk([97])])])
        var decoder = RESPDecoder()
        let (value, count) = try command.bytes.withUnsafeBytes { try decoder.decode($0) }
        #expect(count == command.bytes.count)
        #expect(
            value?.elements?.map(\.bytes) == [
                Array("set".utf8), Array("ä\r\n".utf8), [0, 255], Array("-5".utf8),
            ])
    }

    private func read(_ text: String, piece: Int = 1_000, limits: RESPLimits = RESPLimits()) throws -> [RESPValue] {
        var decoder = RESPDecoder(limits: limits)
        var (values, unread, rest): ([RESPValue], [UInt8], ArraySlice<UInt8>) = ([], [], Array(text.utf8)[...])
        while !rest.isEmpty {
            unread += rest.prefix(piece)
            rest = rest.dropFirst(piece)
            var isMore = true
            while isMore {
                let (value, count) = try unread.withUnsafeBytes { try decoder.decode($0) }
                unread.removeFirst(count)
                isMore = value != nil
                if let value { values.append(value) }
            }
        }
        return values
    }
}
