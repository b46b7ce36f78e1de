/// The written forms of addresses (RFC 4291, 2.2; RFC 5952).
enum IPText {
    /// Four decimal numbers without leading zeros, which some readers take for octal.
    static func v4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return part.utf8.count > 1 && part.first == "0" ? nil : UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }

    /// Eight groups, of which one run may be left out as `::`, and the last two be written as IPv4.
    static func v6(_ text: Substring) -> [UInt8]? {
        guard let gap = firstGap(text) else { return groups(text).flatMap { $0.count == 16 ? $0 : nil } }
        let (before, after) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard firstGap(after) == nil, let head = before.isEmpty ? [] : groups(before, allowsV4: false),
            let tail = after.isEmpty ? [] : groups(after), head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func firstGap(_ text: Substring) -> Range<Substring.Index>? {
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if next < text.endIndex, text[index] == ":", text[next] == ":" { return index..<text.index(after: next) }
            index = next
        }
        return nil
    }

    private static func groups(_ text: Substring, allowsV4: Bool = true) -> [UInt8]? {
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        for (index, part) in parts.enumerated() {
            if allowsV4, index == parts.count - 1, part.contains("."), let last = v4(part) {
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ Hex.value(of: $0) != nil }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }

    /// Lower case, no leading zeros, the first longest run of two or more zero groups as `::`.
    static func canonical(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let words = groups.map { String($0, radix: 16) }
        guard let run = longestRun(groups) else { return words.joined(separator: ":") }
        return words[..<run.lowerBound].joined(separator: ":") + "::" + words[run.upperBound...].joined(separator: ":")
    }

    private static func longestRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}
