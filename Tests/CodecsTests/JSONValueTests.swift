import Testing

@testable import Codecs

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "strings are decoded",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""x\uD834\uDD1Ey""#, "x𝄞y"),
            (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\u{0}"), ("\"é€𝄞\"", "é€𝄞"),
            (#""a\\u0041""#, #"a\u0041"#),
        ])
    func strings(_ text: String, _ expected: String) throws {
        #expect(try JSON.parse(text).string == expected)
    }

    @Test("a number keeps its lexeme, whatever its size")
    func lexeme() throws {
        let text = "[123456789012345678901234567890.10,-0,1E+2]"
        #expect(try JSON.parse(text).text == text)
    }

    @Test(
        "int takes whole numbers that fit",
        arguments: [
            ("0", 0), ("-0", 0), ("12.00", 12), ("-7.0", -7), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min), ("9223372036854775808", nil),
            ("12.5", nil), ("1e3", nil), ("1.0e0", nil),
            ("\"1\"", nil), ("true", nil),
        ] as [(String, Int?)])
    func int(_ text: String, _ expected: Int?) throws {
        #expect(try JSON.parse(text).int == expected)
    }

    @Test(
        "double takes what is in its range",
        arguments: [
            ("0.5", 0.5), ("1e3", 1000), ("-12", -12), ("1e-400", 0), ("1e400", nil), ("\"1\"", nil),
        ] as [(String, Double?)])
    func double(_ text: String, _ expected: Double?) throws {
        #expect(try JSON.parse(text).double == expected)
    }

    @Test("an accessor of another kind gives nil")
    func otherKinds() {
        let value: JSON = ["a": [1, 2.5, "x", true, nil]]
        #expect(value.string == nil)
        #expect(value.array == nil)
        #expect(value["b"] == nil)
        #expect(value["a"]?.object == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(value["a"]?.array == [1, 2.5, "x", true, .null])
        #expect(value["a"]?.array?.last?.isNull == true)
    }

    @Test("an object keeps the order of its keys; of a repeated one the last value at the first place")
    func order() throws {
        let object = try #require(try JSON.parse(#"{"z":1,"a":2,"z":3,"m":4}"#).object)
        #expect(object.keys == ["z", "a", "m"])
        #expect(JSON.object(object).text == #"{"z":3,"a":2,"m":4}"#)
    }

    @Test("members are set, replaced and removed, few or many", arguments: [3, 16, 17, 18, 40])
    func editing(_ count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number)"] = JSON(number) }
        object["k1"] = "new"
        object["k0"] = nil
        object["none"] = nil
        #expect(object.count == count - 1)
        #expect(object.keys == (1..<count).map { "k\($0)" })
        #expect(object["k0"] == nil)
        #expect(object["k1"] == "new")
        #expect(object["k\(count - 1)"] == JSON(count - 1))
    }

    @Test("two spellings of a letter are two keys, as in PostgreSQL", arguments: [0, 20])
    func canonicalEquivalence(_ others: Int) {
        var object = JSONObject((0..<others).map { ("k\($0)", JSON.null) })
        object["\u{E9}"] = 1
        object["e\u{301}"] = 2
        #expect(object.count == others + 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
    }

    @Test("objects are equal, and hash alike, whatever their order")
    func equality() {
        let one: JSON = ["a": 1, "b": ["c": 2]]
        let other: JSON = ["b": ["c": 2], "a": 1]
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
        #expect(one != ["a": 1])
        #expect(one != ["a": 1, "b": ["c": 3]])
        #expect(one != ["a": 1, "x": ["c": 2]])
    }

    @Test("parses a raw buffer in place")
    func rawBuffer() throws {
        let value = try Array(#"{"a":1}"#.utf8).withUnsafeBytes { try JSON(parsing: $0) }
        #expect(value == ["a": 1])
    }
}
