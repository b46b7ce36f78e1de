import Codecs
import Platform

/// What a session runs on, as the client said or as its User-Agent gives away: for people to know their sessions by.
struct Device: Output, Equatable {
    var name: String?
    var type: String?
    var browser: String?
    var system: String?

    static let shape = Shape<Device>(
        "Device",
        [
            Member("name") { $0.name }.example("Chrome on macOS"), Member("type") { $0.type }.example("desktop"),
            Member("browser") { $0.browser }.example("Chrome"), Member("os") { $0.system }.example("macOS"),
        ])

    /// As `auth.sessions.device` holds it.
    init(stored: JSON?) {
        name = stored?["name"]?.string
        type = stored?["type"]?.string
        browser = stored?["browser"]?.string
        system = stored?["os"]?.string
    }

    init(name: String?, type: String?, browser: String?, system: String?) {
        self.name = name
        self.type = type
        self.browser = browser
        self.system = system
    }

    var stored: JSON {
        var object: JSONObject = [:]
        for (key, value) in [("name", name), ("type", type), ("browser", browser), ("os", system)] {
            if let value { object[key] = .string(value) }
        }
        return .object(object)
    }

    /// What is not said is taken from the other.
    func completed(by other: Device) -> Device {
        Device(
            name: name ?? other.name, type: type ?? other.type, browser: browser ?? other.browser,
            system: system ?? other.system)
    }
}

extension Device: RequestInput {
    static let input = Input<Device>(
        text("name", "What the person calls it.", "Ada's laptop"),
        text("type", "`desktop`, `mobile`, `tablet`.", "desktop"),
        text("browser", "The browser or program.", "Chrome"), text("os", "The operating system.", "macOS"),
        make: Device.init(name:type:browser:system:)
    )

    private static func text(_ name: String, _ doc: String, _ example: JSON) -> Field<String?> {
        Field.optionalText(name, 1...100, doc).example(example)
            .must("have no character that breaks a line") {
                $0.map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } } ?? true
            }
    }
}

extension Device {
    private static let browsers = [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ]
    private static let systems = [
        ("iPhone", "iOS", "mobile"), ("iPad", "iPadOS", "tablet"), ("Android", "Android", "tablet"),
        ("Windows", "Windows", "desktop"), ("CrOS", "ChromeOS", "desktop"), ("Mac OS X", "macOS", "desktop"),
        ("Linux", "Linux", "desktop"),
    ]

    /// The first that fits of each list, since browsers claim to be one another; a program's own name otherwise.
    init(userAgent: String?) {
        let agent = userAgent ?? ""
        let program = agent.prefix { $0 != "/" && $0 != " " }.prefix(40)
        browser = Self.browsers.first { agent.contains($0.0) }?.1 ?? (program.isEmpty ? nil : String(program))
        let found = Self.systems.first { agent.contains($0.0) }
        system = found?.1
        type = found.map { $0.1 == "Android" && agent.contains("Mobile") ? "mobile" : $0.2 }
        name = [browser, system].compactMap { $0 }.joined(separator: Self.on(.english))
        if name?.isEmpty == true { name = nil }
    }

    /// A name that was made here, `Firefox on Linux`, as the language has it. Another name stays as it is.
    static func spoken(_ name: String, in language: Language) -> String {
        let on = on(.english)
        for (_, system, _) in systems where name.hasSuffix(on + system) {
            return name.dropLast(on.count + system.count) + Self.on(language) + system
        }
        return name
    }

    private static func on(_ language: Language) -> String {
        switch language {
        case .english: " on "
        case .spanish: " en "
        case .german: " unter "
        case .french: " sous "
        case .vietnamese: " trên "
        }
    }
}
