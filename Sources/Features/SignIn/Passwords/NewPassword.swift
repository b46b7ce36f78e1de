import Platform

/// A password that may be set: by `PasswordRule`, or made up.
struct NewPassword: Sendable {
    /// In the spelling that is hashed.
    let text: String

    fileprivate init(_ text: String) { self.text = text }

    /// - Parameter text: random letters and digits, of 64 bits or more.
    init(madeUp text: String) { self.text = text }
}

/// What a password has to be: long enough, no longer than bcrypt can see, and not one that others guess. One rule for all who set
/// one. Any character counts and none must be there (NIST SP 800-63B-4, 3.1.1.2).
struct PasswordRule: Sendable {
    /// Fewest code points of the normalized text (PASSWORD_MIN_LENGTH).
    let minimum: Int

    /// - Throws: `Problem`: `weakPassword` with GoTrue's reasons, `longPassword` and `validationFailed` for what cannot be hashed,
    ///   and `leaksUnknown` when leaks must be asked about and cannot.
    func admit(_ typed: String, for owner: PasswordOwner, _ services: Services) async throws -> NewPassword {
        let text = PasswordText(typed).normalized
        guard text.utf8.count <= PasswordHash.maximumBytes else { throw Problem(.longPassword) }
        guard !text.utf8.contains(0) else {
            throw Problem(.validationFailed, "Password must not contain the character U+0000")
        }
        var weaknesses: [Weakness] = []
        if text.unicodeScalars.count < minimum { weaknesses.append(.short) }
        if CommonPasswords.contain(text) {
            weaknesses.append(.known)
        } else if owner.isNamed(by: text, product: services.mail.from.name) {
            weaknesses.append(.own)
        }
        if weaknesses.isEmpty, try await isLeaked(text, services) { weaknesses.append(.known) }
        guard weaknesses.isEmpty else { throw refusal(of: weaknesses) }
        return NewPassword(text)
    }

    private enum Weakness {
        case short
        case known
        case own
    }

    private func refusal(of weaknesses: [Weakness]) -> Problem {
        let sentences = weaknesses.map { weakness in
            switch weakness {
            case .short: "Password should be at least \(minimum) characters."
            case .known: "Password is known to be weak and easy to guess, please choose a different one."
            case .own: "Password must not be made of your own name or address, or of the product's name."
            }
        }
        let reasons = weaknesses.map { $0 == .short ? "length" : "pwned" }
        return Problem(
            .weakPassword, sentences.joined(separator: " "), fields: reasons.map { FieldProblem("password", $0) })
    }

    /// Where leaks are asked about. A service that cannot be reached keeps nobody out, unless it was said to.
    private func isLeaked(_ text: String, _ services: Services) async throws -> Bool {
        guard let leaks = services.leaks else { return false }
        do {
            return try await leaks.contain(text)
        } catch {
            try Task.checkCancellation()
            if leaks.failsClosed { throw Problem(.leaksUnknown, cause: error) }
            services.log.warning("a new password was not looked up among leaked ones", metadata: ["cause": "\(error)"])
            return false
        }
    }
}
