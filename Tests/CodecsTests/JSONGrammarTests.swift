import Testing

@testable import Codecs

@Suite("The JSON grammar of RFC 8259")
struct JSONGrammarTests {
    @Test(
        "takes what the grammar allows",
        arguments: [
            "null", "true", "false", "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "0.5", "-0.0",
            "1.25", "1e5", "1E5", "1e+5", "1e-5", "1.5e10", "0e0", "0E+00", "-1.5E-3", "1e9999",
            #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041""#, #""\u00e9\u00E9""#, #""\uD834\uDD1E""#, #""\u0000""#,
            "\"\u{7F}\"", "\"\u{2028}\u{2029}\"", "\"€𝄞\"", "\"\u{FFFF}\"", "\"\u{FEFF}\"",
            "[]", "[ ]", "[1]", "[1,2]", "[[],[]]", "[null,1,\"1\",{}]", " [ 1 , 2 ] ", "\t\n\r []\t\n\r ",
            "{}", "{ }", #"{"":0}"#, #"{"a":1}"#, #"{"a":1,"b":[{"c":{}}]}"#, #" { "a" : 1 , "b" : 2 } "#,
            #"{"a":1,"a":2}"#,
        ])
    func accepts(_ text: String) throws {
        let value = try JSON.parse(text)
        #expect(try JSON.parse(value.text) == value)
    }

    @Test(
        "refuses what the grammar does not allow",
        arguments: [
            "", " ", "\u{FEFF}null", "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "undefined", "null null",
            "+1", "-", "01", "-01", "00", ".5", "-.5", "1.", "1.e5", "1e", "1e+", "1E-", "0x1", "1_000", "1 2", "1,",
            "１",
            "--1", "1.2.3", "1e1.5", "1ee1",
            #"""#, #""a"#, "'a'", "a", #""\"#, #""\"#, #""\x41""#, #""\a""#, #""\'""#, #""\U0041""#, #""a"b"#,
            #""\u""#, #""\u00""#, #""\u004""#, #""\u00G0""#, #""\u+041""#, #""\u 041""#,
            "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"",
            #""\uD800""#, #""\uDC00""#, #""\uD800\u0041""#, #""\uD800\uD800""#, #""\uD800x""#, #""\uD834\n""#,
            #""\uDD1E\uD834""#,
            "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1]]", "[1}", "[\u{B}1]", "[1]\u{A0}",
            "{", "}", "{1:1}", "{a:1}", "{'a':1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#,
            #"{,"a":1}"#, #"{"a" 1}"#,
            #"{"a"::1}"#, #"{"a":1 "b":2}"#, #"{"a":1]"#, #"{"a":1}}"#, "{null:1}", #"{"a":1,"b"}"#,
            "[] // so", "/**/[]", "# []", "[]x", "\u{0}", "null\u{0}",
        ])
    func refuses(_ text: String) {
        #expect {
            try JSON.parse(text)
        } throws: { error in
            guard case JSONError.malformed = error else { return false }
            return true
        }
    }

    @Test(
        "names the first byte that cannot stand there",
        arguments: [
            ("", 0), ("  ", 2), ("[1,]", 3), ("[1 2]", 3), ("nulx", 3), ("[] x", 3), ("01", 1), ("1.", 2),
            ("{\"a\" 1}", 5),
            ("\"a", 2), ("\"\\q\"", 2), ("\"\\uD800\"", 2), ("\"\\u00G0\"", 5), ("é", 0),
        ])
    func offset(_ text: String, _ offset: Int) {
        #expect(throws: JSONError.malformed(offset: offset)) { try JSON.parse(text) }
    }

    @Test(
        "refuses what is no UTF-8, and says where",
        arguments: [
            ([0x80], 0), ([0xC3], 0), ([0x61, 0xC3, 0x28], 1), ([0xC0, 0x80], 0), ([0xE0, 0x80, 0x80], 0),
            ([0x61, 0xED, 0xA0, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xC3, 0xA9, 0xFF], 2),
            ([0xF0, 0x9F, 0x98], 0),
        ] as [([UInt8], Int)])
    func invalidUTF8(_ bytes: [UInt8], _ offset: Int) {
        #expect(throws: JSONError.invalidUTF8(offset: offset + 1)) { try JSON(parsing: [0x22] + bytes + [0x22]) }
    }

    @Test("refuses broken UTF-8 beside an escape, and in a key")
    func invalidUTF8Elsewhere() {
        #expect(throws: JSONError.invalidUTF8(offset: 3)) { try JSON(parsing: Array(#""\n"#.utf8) + [0xC3, 0x22]) }
        #expect(throws: JSONError.invalidUTF8(offset: 1)) { try JSON(parsing: [0x22, 0xC3] + Array(#"\u00A9""#.utf8)) }
        let key = Array(#"{"x":1}"#.utf8).map { $0 == UInt8(ascii: "x") ? 0xFF : $0 }
        #expect(throws: JSONError.invalidUTF8(offset: 2)) { try JSON(parsing: key) }
    }

    @Test("refuses every proper prefix of a document")
    func prefixes() throws {
        let whole = Array(#"{"a":[1.5e3,"é\u00e9\uD834\uDD1E",true,null],"b":{}}"#.utf8)
        _ = try JSON(parsing: whole)
        for count in 0..<whole.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(whole.prefix(count))) }
        }
    }

    @Test("survives any byte in any place of a document, and writes what it took so that it reads back")
    func mutations() throws {
        let whole = Array(#"{"a":[1.5e3,"é\u00e9\uD834\uDD1E",true]}"#.utf8)
        var taken = 0
        for place in whole.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = whole
                bytes[place] = byte
                guard let value = parsedIfValid(bytes) else { continue }
                taken += 1
                #expect(try JSON(parsing: value.encoded()) == value)
            }
        }
        #expect(taken > whole.count)
    }

    private func parsedIfValid(_ bytes: [UInt8]) -> JSON? {
        do {
            return try JSON(parsing: bytes)
        } catch {
            return nil
        }
    }
}
