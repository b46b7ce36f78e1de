import Testing

@testable import Codecs

@Suite("The limits of a JSON text")
struct JSONLimitTests {
    @Test("64 levels are taken, 65 are not", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(_ open: String, _ close: String) throws {
        func nested(_ depth: Int) -> String {
            let outer = depth - 1
            let innermost = open == "[" ? "[]" : "{}"
            return String(repeating: open, count: outer) + innermost + String(repeating: close, count: outer)
        }
        _ = try JSON.parse(nested(64))
        #expect(throws: JSONError.tooDeep) { try JSON.parse(nested(65)) }
    }

    @Test("a million brackets are refused, not recursed into")
    func bracketFlood() {
        #expect(throws: JSONError.tooDeep) { try JSON(parsing: Array(repeating: UInt8(ascii: "["), count: 1_000_000)) }
    }

    @Test("the deepest depth one may allow fits the stack")
    func deepest() throws {
        let text = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        let value = try JSON.parse(text, limits: JSONLimits(maxDepth: 512))
        #expect(value.text == text)
    }

    @Test("depth 0 takes a scalar alone")
    func scalarOnly() throws {
        #expect(try JSON.parse("1", limits: JSONLimits(maxDepth: 0)) == 1)
        #expect(throws: JSONError.tooDeep) { try JSON.parse("[]", limits: JSONLimits(maxDepth: 0)) }
    }

    @Test("siblings do not add to the depth")
    func siblings() throws {
        #expect(try JSON.parse("[[],[],[]]", limits: JSONLimits(maxDepth: 2)).array?.count == 3)
    }

    @Test("each value counts, the array that holds them included")
    func elements() throws {
        let limits = JSONLimits(maxElements: 4)
        _ = try JSON.parse("[1,2,3]", limits: limits)
        _ = try JSON.parse(#"{"a":1,"b":2,"c":3}"#, limits: limits)
        #expect(throws: JSONError.tooMany) { try JSON.parse("[1,2,3,4]", limits: limits) }
        #expect(throws: JSONError.tooMany) { try JSON.parse(#"{"a":1,"a":2,"a":3,"a":4}"#, limits: limits) }
    }

    @Test("50 000 different keys are taken in time that grows with their number, not its square")
    func manyKeys() throws {
        let text = "{" + (0..<50_000).map { #""key\#($0)":\#($0)"# }.joined(separator: ",") + "}"
        let clock = ContinuousClock()
        var object: JSONObject?
        let time = try clock.measure { object = try JSON.parse(text).object }
        #expect(object?.count == 50_000)
        #expect(object?["key49999"] == 49_999)
        #expect(time < .seconds(5))
    }
}
