/// A letter, ready to be sent: what a transport takes.
public struct MailMessage: Sendable {
    /// The same for all attempts to send it, and never another letter's: at most 100 of letters, digits, `-` and `/`.
    public let id: String
    public let from: Mailbox
    /// One address, checked.
    public let recipient: String
    public let subject: String
    public let text: String
    public let html: String
    /// A template that the provider keeps, which replaces subject, text and HTML where the provider has such.
    public let template: ProviderTemplate?

    public init(
        id: String, from: Mailbox, recipient: String, subject: String, text: String, html: String,
        template: ProviderTemplate? = nil
    ) {
        self.id = id
        self.from = from
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.html = html
        self.template = template
    }
}

/// An address with a name: `Lean SaaS <hello@example.com>`.
public struct Mailbox: Sendable, Equatable {
    public let name: String
    public let address: String

    public init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}

/// A template at the provider's, by its id there, with the values for it.
public struct ProviderTemplate: Sendable, Equatable {
    public let id: String
    public let variables: [String: String]

    public init(id: String, variables: [String: String]) {
        self.id = id
        self.variables = variables
    }
}
