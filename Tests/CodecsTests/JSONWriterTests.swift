import Testing

@testable import Codecs

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("commas stand between members and elements, and nowhere else")
    func commas() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(1)
        writer.key("b")
        writer.beginArray()
        writer.endArray()
        writer.key("c")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.double(0.5)
        writer.string("x")
        writer.endArray()
        writer.key("d")
        writer.raw(Array(#"{"already":[1,2]}"#.utf8))
        writer.key("e")
        writer.value(["n": .number("1.50")])
        writer.endObject()
        #expect(text(writer) == #"{"a":1,"b":[],"c":[true,null,{},0.5,"x"],"d":{"already":[1,2]},"e":{"n":1.50}}"#)
    }

    @Test("quotes, backslashes and control characters are escaped, the rest is not")
    func escapes() {
        let all = String(String.UnicodeScalarView((0..<0x20).map { Unicode.Scalar(UInt8($0)) }))
        #expect(
            JSON.string(all).text
                == #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
                + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#
        )
        #expect(JSON.string(#"a"b\c/<>&é𝄞"# + "\u{7F}\u{2028}").text == #""a\"b\\c/<>&é𝄞"# + "\u{7F}\u{2028}\"")
    }

    @Test("every character comes back")
    func everyScalar() throws {
        var text = ""
        for code in stride(from: UInt32(0), through: 0x10FFFF, by: 17) {
            if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
        }
        #expect(try JSON.parse(JSON.string(text).text).string.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test("a key is escaped like any string")
    func keys() {
        #expect((["a\"\n": 1] as JSON).text == #"{"a\"\n":1}"#)
    }

    @Test(
        "doubles are written so that they read back",
        arguments: [
            0, -0.0, 1, 0.1, 1e16, 1e-5, .leastNonzeroMagnitude, 1.7976931348623157e308, -123.456,
        ])
    func doubles(_ value: Double) throws {
        #expect(try JSON.parse(JSON(value).text).double == value)
    }

    @Test("what no JSON number can say is null", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(_ value: Double) {
        var writer = JSONWriter()
        writer.beginArray()
        writer.double(value)
        writer.double(value)
        writer.endArray()
        #expect(text(writer) == "[null,null]")
        #expect(JSON(value) == .null)
    }

    @Test("the extreme integers are written whole")
    func integers() {
        #expect(JSON(Int.min).text == "-9223372036854775808")
        var writer = JSONWriter()
        writer.int(UInt64.max)
        #expect(text(writer) == "18446744073709551615")
    }

    @Test("a made-up lexeme cannot inject JSON", arguments: ["", "1,\"admin\":true", "NaN", "01", "1 ", "]"])
    func injection(_ lexeme: String) throws {
        let written = try JSON.parse(JSON.array([.number(lexeme)]).text)
        #expect(written == [.string(lexeme)])
    }

    @Test("appends behind what is there")
    func appending() {
        var writer = JSONWriter(appendingTo: Array("data: ".utf8))
        writer.bool(false)
        #expect(text(writer) == "data: false")
    }

    private func text(_ writer: JSONWriter) -> String {
        String(decoding: writer.bytes, as: UTF8.self)
    }
}
