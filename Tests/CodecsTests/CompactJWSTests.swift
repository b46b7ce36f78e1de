import Codecs
import Testing

struct CompactJWSTests {
    private func token(_ header: String, _ payload: String = "{}", signature: String = "AAAA") -> String {
        "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(Array(payload.utf8))).\(signature)"
    }

    @Test func `a token says its algorithm, its key and its payload`() throws {
        let jws = try #require(CompactJWS(token(#"{"alg":"ES256","kid":"k1","typ":"JWT"}"#, #"{"sub":"1"}"#)))
        #expect(jws.algorithm == "ES256")
        #expect(jws.keyID == "k1")
        #expect(jws.payload == Array(#"{"sub":"1"}"#.utf8))
        #expect(CompactJWS(token(#"{"alg":"none"}"#, signature: ""))?.keyID == .some(nil))
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"alg":1}"#, #"{"alg":null}"#, #"{"alg":"HS256","kid":1}"#, #"{"alg":"HS256","kid":""}"#,
        #"{"alg":"HS256","kid":null}"#, #"{"alg":"HS256","alg":"none"}"#, #"{"alg":"HS256","kid":"a","kid":"b"}"#,
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"ES256","jwk":{"kty":"EC"}}"#,
        #"{"alg":"ES256","jku":"https://e.example"}"#,
        #"{"alg":"ES256","x5u":"https://e.example"}"#, #"{"alg":"ES256","x5c":["a"]}"#, #"{"alg":"HS256"} "# + "x", "",
    ])
    func `a header that could be read in two ways, or leads elsewhere, is refused`(_ header: String) {
        #expect(CompactJWS(token(header)) == nil)
    }

    @Test func `a key's name has an end`() {
        #expect(CompactJWS(token(#"{"alg":"ES256","kid":"\#(String(repeating: "k", count: 128))"}"#)) != nil)
        #expect(CompactJWS(token(#"{"alg":"ES256","kid":"\#(String(repeating: "k", count: 129))"}"#)) == nil)
    }

    @Test(arguments: ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.!", "e30.e30.AAAA=", " e30.e30.AAAA", "e30.e30.AA AA"])
    func `what has another form is no token`(_ text: String) {
        #expect(CompactJWS(text) == nil)
    }

    @Test func `a token has an end`() {
        #expect(CompactJWS(token(#"{"alg":"HS256"}"#, String(repeating: " ", count: 8_192))) == nil)
    }
}
