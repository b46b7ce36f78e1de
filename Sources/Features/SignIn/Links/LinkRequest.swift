import Codecs
import Platform

/// What a letter with a link is asked to be: all that the job which sends it needs, and nothing that must be kept secret.
struct LinkRequest: Sendable, Codable, Equatable {
    let purpose: LinkPurpose
    /// The address that was typed, in its stored form.
    let address: String
    /// When the asker is known already; otherwise the job looks the address up, so that the request takes as long for an
    /// address that nobody has.
    var person: String?
    /// `Language`'s raw value.
    let language: String
    /// Where the link ends, allowed already.
    let redirect: String
    var challenge: CodeChallenge?
    /// Whether an address that nobody has gets an account.
    var makesAccount = false
    /// The new account's own metadata, as JSON text.
    var metadata: String?
    /// Of a sign-up: whether the password is the one that the address's account, which nobody has confirmed yet, has already.
    var repeatsPassword: Bool?
}

extension SignIn {
    /// The language that the person reads: what their metadata says, else what the browser asks for.
    static func language(of metadata: JSON?, _ request: RequestFacts) -> Language {
        language(in: metadata) ?? Language(accepting: request.headers[.acceptLanguage]) ?? .english
    }

    /// Nil when the metadata names none of ours.
    static func language(in metadata: JSON?) -> Language? {
        let said = metadata?.object.flatMap { ($0["language"] ?? $0["locale"])?.string }
        return said.flatMap { Language(tag: $0) }
    }
}
