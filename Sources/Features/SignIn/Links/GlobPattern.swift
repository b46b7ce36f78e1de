/// A pattern of addresses, as Supabase's allow list has them: `*` is anything but `.` and `/`, `**` is anything, `?` is one
/// character that is neither.
///
/// Before the first `/` of an address a wildcard stands only for what names of hosts are made of: else
/// `https://*.example.com` would also be `https://evil#.example.com`.
struct GlobPattern: Sendable {
    private enum Part: Sendable {
        case literal(UInt8)
        case one(inHost: Bool)
        /// Any number; `crosses`: of anything.
        case many(crosses: Bool, inHost: Bool)
    }

    private let parts: [Part]

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let host = Self.hostRange(bytes)
        var parts: [Part] = []
        for (index, byte) in bytes.enumerated() {
            let inHost = host.contains(index)
            switch byte {
            case UInt8(ascii: "*"):
                if case .many = parts.last {
                    parts[parts.count - 1] = .many(crosses: true, inHost: inHost)
                } else {
                    parts.append(.many(crosses: false, inHost: inHost))
                }
            case UInt8(ascii: "?"): parts.append(.one(inHost: inHost))
            default: parts.append(.literal(byte))
            }
        }
        self.parts = parts
    }

    /// From behind `://` to the next `/`; all of it where there is no scheme to be seen, and nothing of an app's own scheme,
    /// which leads to no host.
    private static func hostRange(_ bytes: [UInt8]) -> Range<Int> {
        let separator = Array("://".utf8)
        guard let scheme = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else {
            return 0..<bytes.count
        }
        let start = scheme + separator.count
        let name = String(decoding: bytes[..<scheme], as: UTF8.self).lowercased()
        // A scheme with a wildcard may be any.
        let isAnApps = !["http", "https"].contains(name) && !name.contains { "*?".contains($0) }
        guard !isAnApps else { return start..<start }
        return start..<(bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count)
    }

    /// Takes time in proportion to pattern times text, whatever both are: it never goes back.
    func matches(_ text: String) -> Bool {
        var reached = [Bool](repeating: false, count: parts.count + 1)
        reached[0] = true
        skipEmpty(&reached)
        for byte in text.utf8 {
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (index, part) in parts.enumerated() where reached[index] {
                switch part {
                case .literal(let wanted):
                    if wanted == byte { next[index + 1] = true }
                case .one(let inHost):
                    if Self.mayStand(byte, crosses: false, inHost: inHost) { next[index + 1] = true }
                case .many(let crosses, let inHost):
                    if Self.mayStand(byte, crosses: crosses, inHost: inHost) { next[index] = true }
                }
            }
            skipEmpty(&next)
            reached = next
        }
        return reached[parts.count]
    }

    private func skipEmpty(_ reached: inout [Bool]) {
        for (index, part) in parts.enumerated() where reached[index] {
            if case .many = part { reached[index + 1] = true }
        }
    }

    private static func mayStand(_ byte: UInt8, crosses: Bool, inHost: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "."): crosses
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: "/"): crosses && !inHost
        default: !inHost
        }
    }
}
