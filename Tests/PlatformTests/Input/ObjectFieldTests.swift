import Codecs
import Testing

@testable import Platform

/// Objects of the caller's own, which are kept as they come.
struct ObjectFieldTests {
    private let field = Field.object("data", maxBytes: 1_000, "Anything.")

    private func complaint(_ text: String) throws -> String? {
        if case .wrong(let sentence) = field.read(try JSON.parse(text)) { sentence } else { nil }
    }

    @Test(arguments: [
        #"{"a": 1e300}"#, #"{"a": 1.7e308, "b": -2E+20}"#, #"{"a": 1e-300}"#,
        #"{"a": [0.1, {"b": 12345678901234567890}]}"#,
    ])
    func `numbers that clients can read are kept`(_ text: String) throws {
        #expect(try complaint(text) == nil)
    }

    @Test(arguments: [#"{"a": 1e131000}"#, #"{"a": [1e309]}"#, #"{"a": {"b": -1e400}}"#, #"{"a": 1e-16000}"#])
    func `no number is one that only the database can hold`(_ text: String) throws {
        #expect(try complaint(text) == "must not contain numbers beyond 1e308")
    }

    @Test func `numbers count as they are written out, so that few bytes do not become many`() throws {
        let many = (0..<4).map { #""k\#($0)": 1e300"# }.joined(separator: ", ")
        #expect(try complaint("{\(many)}") == "must have at most 1000 bytes, with its numbers written out")
    }
}
