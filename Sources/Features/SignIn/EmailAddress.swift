import Platform

/// An address as it is stored: trimmed and in lower case, so that one person has one account.
struct EmailAddress: Sendable, Hashable {
    let text: String

    /// Not RFC 5322 whole: what mail servers of this world deliver to. At most 254 bytes, one `@`, a domain with a dot or
    /// `localhost`, no spaces or control characters.
    init(_ input: String) throws(Problem) {
        let trimmed = input.trimming { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }.lowercased()
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard trimmed.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].utf8.count),
            Self.isDomain(parts[1]), parts[1] != NewAccount.standInDomain,
            trimmed.unicodeScalars.allSatisfy(Self.isAllowed)
        else { throw Problem(.invalidEmail) }
        text = trimmed
    }

    private static func isDomain(_ domain: Substring) -> Bool {
        guard domain != "localhost" else { return true }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { (1...63).contains($0.utf8.count) && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "(", ")", ",", ":", ";", "<", ">", "[", "]", "\\": false
        default: scalar.value > 0x20 && scalar.value != 0x7F && !(0x80...0xA0).contains(scalar.value)
        }
    }
}

extension String {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> String {
        let start = drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(start[...end])
    }
}
