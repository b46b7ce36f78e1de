import Testing

@testable import Codecs

@Suite struct `Digits written in place` {
    private func text(_ write: (inout DigitWriter) -> Void) -> String {
        String(unsafeUninitializedCapacity: 64) { target in
            var writer = DigitWriter(target)
            write(&writer)
            return writer.count
        }
    }

    @Test(
        arguments: [
            (0, 1, "0"), (0, 4, "0000"), (7, 2, "07"), (42, 2, "42"), (123, 2, "123"), (-5, 4, "-0005"),
            (999_999, 6, "999999"),
            (1_000_000, 6, "1000000"), (Int64.max, 1, "9223372036854775807"), (Int64.min, 1, "-9223372036854775808"),
        ] as [(Int64, Int, String)])
    func `a number has the width or more`(_ number: Int64, _ width: Int, _ expected: String) {
        #expect(text { $0.number(number, width: width) } == expected)
    }

    @Test func `numbers of any size are as the standard library prints them`() {
        for shift in 0..<63 {
            for number in [Int64(1) << shift, (Int64(1) << shift) - 1, -(Int64(1) << shift)] {
                #expect(text { $0.number(number, width: 1) } == String(number))
            }
        }
    }

    @Test func `bytes are two lower-case hexadecimal digits`() {
        #expect(text { writer in for byte in [0, 9, 0xA0, 0xFF] as [UInt8] { writer.hex(byte) } } == "0009a0ff")
    }

    @Test func `what is plain is a JSON string with its comma`() {
        var writer = JSONWriter()
        writer.beginArray()
        for _ in 0..<2 { writer.plain(capacity: 8) { target in text(into: target) } }
        writer.endArray()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"["ok","ok"]"#)
    }

    private func text(into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var writer = DigitWriter(target)
        writer.byte("o")
        writer.byte("k")
        return writer.count
    }
}
