import CCurl
import Platform
import Threads

/// Sends letters to a mail server (RFC 5321), by libcurl on threads of its own: its calls block.
public struct SMTPTransport: MailTransport {
    public let name = "smtp"
    private let options: SMTPOptions
    private let pool: BlockingPool

    /// - Parameter concurrency: letters that are handed over at the same time; as many again may wait four times.
    public init(_ options: SMTPOptions, concurrency: Int = 4) {
        self.options = options
        // Documented to be safe to repeat; the first call must come before the first handle.
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        pool = BlockingPool(name: "lean-smtp", threads: concurrency, queueLimit: 4 * concurrency)
    }

    public func send(_ message: MailMessage) async throws(MailFailure) -> String? {
        let options = options
        let result: Result<Void, MailFailure>
        do {
            result = try await pool.run { SMTPDelivery.run(message, options) }
        } catch {
            throw MailFailure(.passing, "too many letters are on their way", retryAfter: .seconds(5))
        }
        try result.get()
        return nil
    }
}

/// Where the mail server is and how it is talked to.
public struct SMTPOptions: Sendable {
    public enum Security: String, Sendable, CaseIterable {
        /// The connection begins in the clear and must become TLS before anything is said (RFC 3207).
        case starttls
        /// TLS from the first byte, as port 465 has it (RFC 8314).
        case tls
        /// For a mail catcher on one's own machine.
        case none
    }

    public let host: String
    public let port: Int
    public let security: Security
    public let user: String?
    public let password: Secret?
    /// PEM file of the authorities that the certificate is checked against; nil: the system's.
    public let authorities: String?
    /// The longest that one letter may take in all.
    public let timeout: Duration

    public init(
        host: String, port: Int, security: Security, user: String? = nil, password: Secret? = nil,
        authorities: String? = nil, timeout: Duration = .seconds(30)
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.user = user
        self.password = password
        self.authorities = authorities
        self.timeout = timeout
    }

    var url: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)/"
    }
}
