import Codecs
import Testing

@Suite struct BearerTokenTests {
    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER abc", "abc"), ("Bearer ", ""), ("Bearer  abc ", " abc "),
        ("Bearer ünd", "ünd"),
    ])
    func `the scheme counts in any case, the token as it is`(_ text: String, _ token: String) {
        #expect(BearerToken.read(text) == token)
    }

    @Test(arguments: [
        "", "Bearer", "Bearerabc", "Basic abc", " Bearer abc", "Bearer\tabc", "Bearer\0abc", "Bearé r abc",
    ])
    func `another scheme has no bearer token`(_ text: String) {
        #expect(BearerToken.read(text) == nil)
    }
}
