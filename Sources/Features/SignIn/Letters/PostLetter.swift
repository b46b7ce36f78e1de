import Codecs
import Platform
import Postgres

extension SignIn {
    /// What posts a letter that tells a person something, in whatever transaction it is put into. Nothing where no letters are
    /// sent, or without an address.
    ///
    /// - Parameter kind: where it names a `link`, that is the page for a new password.
    /// - Parameter metadata: the person's own, which may name their language.
    static func posting(
        _ kind: LetterKind, to address: String?, _ metadata: JSON?, _ request: RequestFacts, _ services: Services
    ) throws -> [SQL] {
        guard let address, !address.isEmpty, services.mail.isOn else { return [] }
        var values: [String: String] = [:]
        if kind.variables.contains("link") { values["link"] = services.description.url + "/account/recover" }
        return [try Mailing.post(Letter(kind, to: address, in: language(of: metadata, request), values), services)]
    }
}
