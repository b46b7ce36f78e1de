import Codecs

/// The languages that letters and pages are written in.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"
    case german = "de"
    case french = "fr"
    case vietnamese = "vi"

    /// What a tag of BCP 47 such as `de-AT` asks for.
    public init?(tag: some StringProtocol) {
        let primary = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
        self.init(rawValue: primary)
    }

    /// The best of what `Accept-Language` asks for (RFC 9110, 12.5.4); nil when we have none of it. At most 20 ranges are
    /// looked at.
    public init?(accepting header: String?) {
        guard let header else { return nil }
        var best: (language: Language, weight: Double)?
        for range in header.prefix(1_000).split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.trimmingSpaces() }
            guard let tag = parts.first, let language = Language(tag: tag) else { continue }
            let weight =
                parts.dropFirst().lazy.compactMap { $0.hasPrefix("q=") ? Double($0.dropFirst(2)) : nil }.first ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        guard let best else { return nil }
        self = best.language
    }
}
