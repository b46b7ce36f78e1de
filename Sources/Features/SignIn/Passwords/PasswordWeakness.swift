import Platform

/// Why a password is weak, as GoTrue tells it: beside a refusal, and beside the tokens of somebody who signs in with it.
/// Source: supabase/auth, internal/api/password.go.
struct PasswordWeakness: Output {
    enum Kind {
        case short
        /// Many have it, or it was seen in a leak.
        case known
        /// Made of its owner's words.
        case own
    }

    let message: String
    /// GoTrue's words: `length` and `pwned`.
    let reasons: [String]

    /// Nil for none.
    ///
    /// - Parameter minimum: fewest characters.
    init?(_ kinds: [Kind], minimum: Int) {
        guard !kinds.isEmpty else { return nil }
        let sentences = kinds.map { kind in
            switch kind {
            case .short: "Password should be at least \(minimum) characters."
            case .known: "Password is known to be weak and easy to guess, please choose a different one."
            case .own: "Password must not be made of your own name or address, or of the product's name."
            }
        }
        message = sentences.joined(separator: " ")
        reasons = kinds.map { $0 == .short ? "length" : "pwned" }
    }

    static let shape = Shape<PasswordWeakness>(
        "PasswordWeakness",
        [
            Member("message") { $0.message }.example("Password should be at least 15 characters."),
            Member("reasons") { $0.reasons }.example(["length"]),
        ])
}
