/// How letters leave, and what they say.
public struct Mail: Sendable {
    /// Nil: into the inbox page of a developer's machine.
    public let transport: (any MailTransport)?
    public let from: Mailbox
    /// FEATURE_EMAIL.
    public let isOn: Bool
    public let letters: Letters
    /// Templates at the provider's, by what letters are about.
    public let templates: [LetterTopic: String]

    package init(
        transport: (any MailTransport)?, from: Mailbox, isOn: Bool, letters: Letters, templates: [LetterTopic: String]
    ) {
        self.transport = transport
        self.from = from
        self.isOn = isOn
        self.letters = letters
        self.templates = templates
    }
}
