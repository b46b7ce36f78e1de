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
        var weaknesses = weaknesses(of: text, owner, services)
        if weaknesses.isEmpty, try await isLeaked(text, services) { weaknesses.append(.known) }
        if let weakness = PasswordWeakness(weaknesses, minimum: minimum) {
            throw Problem(
                .weakPassword, weakness.message, fields: weakness.reasons.map { FieldProblem("password", $0) })
        }
        return NewPassword(text)
    }

    /// What would be wrong with a password that somebody has already. Leaks are not asked about again.
    func weakness(of typed: String, for owner: PasswordOwner, _ services: Services) -> PasswordWeakness? {
        PasswordWeakness(weaknesses(of: PasswordText(typed).normalized, owner, services), minimum: minimum)
    }

    /// As far as it can be told without asking anybody.
    private func weaknesses(
        of text: String, _ owner: PasswordOwner, _ services: Services
    ) -> [PasswordWeakness.Kind] {
        var weaknesses: [PasswordWeakness.Kind] = []
        if text.unicodeScalars.count < minimum { weaknesses.append(.short) }
        if CommonPasswords.contain(text) {
            weaknesses.append(.known)
        } else if owner.isNamed(by: text, product: services.mail.from.name) {
            weaknesses.append(.own)
        }
        return weaknesses
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
