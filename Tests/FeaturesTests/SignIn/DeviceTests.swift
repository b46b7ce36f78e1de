import Platform
import Testing

@testable import Features

struct DeviceTests {
    @Test(
        arguments: [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
                    + "Edg/130.0.0.0", "Edge on Windows", "desktop"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
                    + "Safari/605.1.15", "Safari on macOS", "desktop"
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Linux", "desktop"),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
                "Chrome on Android", "mobile"
            ),
            ("curl/8.9.1", "curl", nil),
        ] as [(String, String, String?)])
    func `a User-Agent gives away what it is`(_ agent: String, _ name: String, _ type: String?) {
        let device = Device(userAgent: agent)
        #expect(device.name == name)
        #expect(device.type == type)
    }

    @Test(
        arguments: [
            (.german, "Firefox on Linux", "Firefox unter Linux"), (.french, "Firefox on Linux", "Firefox sous Linux"),
            (.spanish, "Samsung Internet on Android", "Samsung Internet en Android"),
            (.vietnamese, "Safari on macOS", "Safari trên macOS"), (.english, "Edge on Windows", "Edge on Windows"),
            (.german, "curl", "curl"), (.german, "Laptop on the desk", "Laptop on the desk"), (.german, "?", "?"),
        ] as [(Language, String, String)])
    func `a device's name is spoken in the language of a letter, unless somebody made it up`(
        _ language: Language, _ name: String, _ spoken: String
    ) {
        #expect(Device.spoken(name, in: language) == spoken)
    }

    @Test func `without one nothing is known, and one of nonsense is cut`() {
        #expect(Device(userAgent: nil) == Device(name: nil, type: nil, browser: nil, system: nil))
        #expect(Device(userAgent: String(repeating: "x", count: 10_000)).name?.count == 40)
    }
}
