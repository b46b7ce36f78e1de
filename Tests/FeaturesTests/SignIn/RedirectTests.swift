import Testing

@testable import Features

/// Where links may end.
struct RedirectTests {
    private let redirects = Redirects(
        site: "https://app.example.com",
        allowed: [
            "https://*.preview.example.com/**", "http://localhost:*/callback", "myapp://**",
            "https://docs.example.com/?",
        ])

    @Test(arguments: [
        "https://app.example.com", "https://app.example.com/welcome?x=1#y", "https://a.preview.example.com/x/y",
        "http://localhost:5173/callback", "myapp://signed/in", "https://docs.example.com/a",
    ])
    func `the front end and what is listed are allowed`(_ address: String) {
        #expect(redirects.target(address) == address)
    }

    @Test(arguments: [
        "https://evil.com", "https://app.example.com.evil.com/", "https://app.example.com@evil.com/",
        "https://evil.com/https://app.example.com", "https://evil#.preview.example.com/x",
        "https://evil?.preview.example.com/x", "https://evil.com/.preview.example.com/x",
        "https://a@evil.preview.example.com/x", "https://a.b.preview.example.com/x", "http://localhost:5173/callback/x",
        "http://localhost:1@evil/callback", "javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x",
        "//evil.com", "/relative", "https://docs.example.com/ab", "https://app.example.com\\@evil.com", "", " ",
        "https://app.example.com\r\nset-cookie: a=b",
    ])
    func `everything else leads to the front end`(_ address: String) {
        #expect(redirects.target(address) == "https://app.example.com")
    }

    @Test func `a pattern takes no longer than its length times the text's`() {
        let pattern = GlobPattern("https://a.example/" + String(repeating: "*a", count: 200))
        let clock = ContinuousClock()
        let took = clock.measure {
            _ = pattern.matches("https://a.example/" + String(repeating: "a", count: 1_900) + "b")
        }
        #expect(took < .seconds(30))
    }
}
