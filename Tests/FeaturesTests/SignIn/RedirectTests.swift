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

    @Test(arguments: [
        "http://127.0.0.1:53682/callback", "http://[::1]:8080", "http://127.0.0.1/x?y#z",
    ])
    func `a program on the person's own machine listens where it can`(_ address: String) {
        #expect(redirects.target(address) == address)
    }

    @Test func `any port of localhost is the front end's where it is there, and of nothing else`() {
        let local = Redirects(site: "http://localhost:3000", allowed: [])
        #expect(local.target("http://localhost:5173/x") == "http://localhost:5173/x")
        for foreign in [
            "http://localhost:1@evil.com/", "http://127.0.0.1@evil.com/", "http://127.0.0.1.evil.com/",
            "http://[::1]@evil.com/", "http://[::1].evil.com/", "http://localhost:x/", "http://localhost:123456/",
            "http://127.0.0.1:80:80/", "http://2130706433/", "ftp://127.0.0.1/",
        ] {
            #expect(local.target(foreign) == local.site, "\(foreign)")
        }
        #expect(redirects.target("http://localhost:5173/x") == redirects.site)
    }

    @Test func `a scheme with a wildcard makes the host's name no freer`() {
        let free = Redirects(site: "https://app.example.com", allowed: ["http*://*.wild.test/**"])
        #expect(free.isAllowed("https://a.wild.test/x"))
        for foreign in [
            "https://2130706433#.wild.test/x", "https://2130706433?.wild.test/x", "http://u:p@[::1]#.wild.test/",
        ] {
            #expect(!free.isAllowed(foreign), "\(foreign)")
        }
    }

    @Test func `what stands behind the hash is no part of what is allowed, and what is added stands before it`() {
        let exact = Redirects(site: "https://app.example.com", allowed: ["https://other.example.com/in"])
        #expect(exact.isAllowed("https://other.example.com/in#/callback"))
        #expect(Redirects.adding("code=1", to: "https://a.example/#/cb") == "https://a.example/?code=1#/cb")
        #expect(Redirects.adding("code=1", to: "https://a.example/?x=1#/cb") == "https://a.example/?x=1&code=1#/cb")
        #expect(Redirects.adding("code=1", to: "https://a.example?x=1") == "https://a.example?x=1&code=1")
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
