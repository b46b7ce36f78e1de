import Codecs
import Threads

/// Which answers are sent compressed, and how (ENABLE_COMPRESSION and its like).
///
/// What holds a secret beside what the client sent tells the secret by its compressed length (BREACH), so answers of the auth
/// surface, and those to requests with a cookie, go out as they are.
package struct Compression: Sendable {
    private let codings: [Coding]
    /// Below this many bytes the coding's own frame and the work cost more than they save.
    static let leastBytes = 1_024
    private let kept = Kept()

    enum Coding: String, Sendable {
        case brotli = "br"
        case gzip
    }

    /// An answer that has a tag is compressed once for each coding.
    private final class Kept: Sendable {
        struct Key: Hashable, Sendable {
            let tag: String
            let coding: Coding
        }

        let answers = Locked(Sieve<Key, [UInt8]>(limit: 64))
    }

    package init(gzip: Bool, brotli: Bool) {
        codings = (brotli ? [.brotli] : []) + (gzip ? [.gzip] : [])
    }

    package static let none = Compression(gzip: false, brotli: false)

    /// Whether an answer's headers must say that it depends on Accept-Encoding.
    func mayCode(_ body: Answer.Body, on surface: Surface) -> Bool {
        guard !codings.isEmpty, surface != .auth else { return false }
        return switch body {
        case .none: false
        case .json: true
        case .text(_, let type): Self.isText(type)
        }
    }

    /// What the client is best sent; nil: the bytes as they are.
    func coding(for accepted: String?, bytes: Int) -> Coding? {
        guard bytes >= Self.leastBytes, let accepted else { return nil }
        return AcceptEncoding(accepted).best(of: codings.map(\.rawValue)).flatMap(Coding.init(rawValue:))
    }

    /// The bytes in the coding; nil when that would be no gain.
    func coded(_ bytes: [UInt8], _ coding: Coding, tag: String?) -> [UInt8]? {
        let key = tag.map { Kept.Key(tag: $0, coding: coding) }
        if let key, let coded = kept.answers.withLock({ $0.value(of: key) }) { return coded }
        // What is made once may take its time.
        let coded =
            switch coding {
            case .brotli: Brotli.compress(bytes, quality: tag == nil ? 4 : 9)
            case .gzip: Gzip.compress(bytes, level: tag == nil ? 5 : 9)
            }
        guard let coded, coded.count < bytes.count else { return nil }
        if let key { kept.answers.withLock { $0.insert(coded, for: key) } }
        return coded
    }

    /// Pictures, fonts and archives are packed already.
    private static func isText(_ type: String) -> Bool {
        let media = type.prefix { $0 != ";" }
        return media.hasPrefix("text/") || media.hasSuffix("/json") || media.hasSuffix("+json")
            || media.hasSuffix("/javascript") || media.hasSuffix("+xml")
    }
}
