import Testing

@testable import Codecs

@Suite("The text of a UUID")
struct UUIDTextTests {
    private static let text = "01234567-89ab-cdef-fedc-ba9876543210"

    @Test("is lower case with hyphens, and comes back")
    func roundTrip() throws {
        let bytes = try #require(UUIDText.parse(Self.text))
        #expect(bytes.0 == 0x01 && bytes.4 == 0x89 && bytes.7 == 0xEF && bytes.8 == 0xFE && bytes.15 == 0x10)
        #expect(UUIDText.format(bytes) == Self.text)
    }

    @Test("is read in either case")
    func upperCase() throws {
        let bytes = try #require(UUIDText.parse(Self.text.uppercased()))
        #expect(UUIDText.format(bytes) == Self.text)
    }

    @Test(
        "is refused in any other form",
        arguments: [
            "", "0123456789abcdeffedcba9876543210", "{01234567-89ab-cdef-fedc-ba9876543210}",
            "urn:uuid:01234567-89ab-cdef-fedc-ba9876543210",
            " 01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba987654321",
            "01234567-89ab-cdef-fedc-ba98765432100", "0123456-789ab-cdef-fedc-ba9876543210",
            "01234567-89ab-cdef-fedc-ba987654321g",
            "01234567_89ab_cdef_fedc_ba9876543210", "01234567-89ab-cdef-fedcba-9876543210",
            "01234567-89ab-cdef-fedc-ba9876543é",
        ])
    func refuses(_ text: String) {
        #expect(UUIDText.parse(text) == nil)
    }
}
