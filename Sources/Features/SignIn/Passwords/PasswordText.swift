import Foundation

/// A password as somebody typed it, in the one spelling that is hashed: Unicode's NFKC, so that an `é` is the same from any
/// keyboard, composed or not. Nothing is trimmed, nothing cut. Source: NIST SP 800-63B-4, 3.1.1.2.
struct PasswordText: Sendable {
    let normalized: String
    /// As it was typed, where that differs: what hashes were made from before there was one spelling, and elsewhere.
    let typed: String?

    init(_ text: String) {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else {
            normalized = text
            typed = nil
            return
        }
        normalized = text.precomposedStringWithCompatibilityMapping
        // Strings that are canonically the same are equal, and hash differently.
        typed = normalized.utf8.elementsEqual(text.utf8) ? nil : text
    }

    /// What a hash may have been made from, the likeliest first.
    var spellings: [String] { [normalized] + (typed.map { [$0] } ?? []) }

    /// For comparing with lists and names: one spelling, small letters.
    static func folded(_ text: String) -> String { PasswordText(text).normalized.lowercased() }
}
