/// What hands letters to the world: a mail server, or a provider's API.
public protocol MailTransport: Sendable {
    /// For logs and metrics: `smtp`, `resend`.
    var name: String { get }

    /// Hands the letter over, within the transport's own deadline. Asked again with the same letter, it may be sent twice
    /// by SMTP, and is not by a provider that keeps ids.
    ///
    /// - Returns: the provider's own id of the letter, by which it tells of bounces; nil when it gives none.
    func send(_ message: MailMessage) async throws(MailFailure) -> String?
}

/// Why a letter was not taken.
public struct MailFailure: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Worth another attempt: the server was not reached, was busy, or said so.
        case passing
        /// The recipient's address is refused for good.
        case badRecipient
        /// The letter, the sender or our credentials are refused: all letters will be until somebody looks.
        case refused
    }

    public let kind: Kind
    /// For the log and an operator: no address, no credentials.
    public let reason: String
    /// When the server says how long to wait.
    public let retryAfter: Duration?

    public init(_ kind: Kind, _ reason: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.reason = reason
        self.retryAfter = retryAfter
    }

    public var description: String { "\(kind): \(reason)" }
}
