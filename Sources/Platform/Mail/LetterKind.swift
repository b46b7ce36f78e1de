/// A kind of letter that a feature sends, with its text in every language. One text is the source of both the HTML and the
/// plain form; its format is `LetterSource`'s.
public struct LetterKind: Sendable {
    /// Lower case and underscores: `confirmation`. Also the name of the file that replaces a text: `confirmation.de.txt`.
    public let name: String
    /// Which of a provider's templates it may use.
    public let topic: LetterTopic
    /// What its texts may name beside `product` and `site`.
    public let variables: [String]
    let texts: [Language: String]

    public init(
        _ name: String, topic: LetterTopic, variables: [String], english: String, spanish: String, german: String,
        french: String, vietnamese: String
    ) {
        self.name = name
        self.topic = topic
        self.variables = variables
        texts = [
            .english: english, .spanish: spanish, .german: german, .french: french, .vietnamese: vietnamese,
        ]
    }

    /// Its texts as files of MAIL_TEXTS_DIR.
    package var files: [(name: String, text: String)] {
        Language.allCases.compactMap { language in
            texts[language].map { text in
                ("\(name).\(language.rawValue).txt", text.hasSuffix("\n") ? text : text + "\n")
            }
        }
    }
}

/// What a letter is about. Letters of one topic share what may go to an address within an hour.
public enum LetterTopic: String, Sendable, CaseIterable {
    /// Links and codes to sign in with. These are always our own text: no provider's template knows of them.
    case signIn
    /// Links and codes that let an account's owner back in, as our own text too: so that no stranger keeps them out by asking for
    /// links to sign in with.
    case recovery
    /// The first letter to a new customer (WELCOME_EMAIL_TEMPLATE_ID).
    case welcome
    /// Invoices and payments (BILLING_EMAIL_TEMPLATE_ID).
    case billing
    /// What a person should know of their account, and alerts (NOTIFICATION_EMAIL_TEMPLATE_ID).
    case notification
}

/// A letter to somebody: a kind with its values.
public struct Letter: Sendable, Codable, Equatable {
    public let kind: String
    public let recipient: String
    /// `Language`'s raw value.
    public let language: String
    public let variables: [String: String]

    public init(_ kind: LetterKind, to recipient: String, in language: Language, _ variables: [String: String] = [:]) {
        self.kind = kind.name
        self.recipient = recipient
        self.language = language.rawValue
        self.variables = variables
    }
}
