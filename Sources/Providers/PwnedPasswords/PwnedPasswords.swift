import AsyncHTTPClient
import Codecs
import Crypto
import NIOCore

/// Looks passwords up at Have I Been Pwned, which learns no more of one than the first 20 bits of its SHA-1, shared by some thousand
/// others. Answers are padded, so that their length does not tell which. Source: haveibeenpwned.com/API/v3, Pwned Passwords.
public struct PwnedPasswords: Sendable {
    private let url: String
    private let userAgent: String
    private let timeout: Duration
    private let client: HTTPClient

    /// The most of an answer that is read, bytes: five times a usual one.
    private static let answerLimit = 262_144
    /// Hexadecimal digits that are sent.
    private static let prefixLength = 5

    /// Why nobody can tell.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - url: the API's base address, without a trailing slash.
    ///   - userAgent: who asks: the API refuses those that do not say.
    ///   - timeout: the longest for one password in all.
    public init(
        url: String = "https://api.pwnedpasswords.com", userAgent: String, timeout: Duration = .seconds(2),
        client: HTTPClient = .shared
    ) {
        self.url = url
        self.userAgent = userAgent
        self.timeout = timeout
        self.client = client
    }

    /// Whether the password was seen in a leak.
    ///
    /// - Throws: `Failure` when the service was not reached in time or said what cannot be understood.
    public func contain(_ password: String) async throws(Failure) -> Bool {
        let digest = Hex.encode(Array(Insecure.SHA1.hash(data: Array(password.utf8)))).uppercased()
        let suffix = digest.dropFirst(Self.prefixLength)
        let lines = try await range(digest.prefix(Self.prefixLength))
        var isThere = false
        for line in lines.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].utf8.count == suffix.utf8.count, let count = Int(parts[1]), count >= 0
            else {
                throw Failure(description: "an answer is no list of suffixes and counts")
            }
            // A count of 0 is padding.
            if count > 0, parts[0].uppercased() == suffix { isThere = true }
        }
        guard !lines.isEmpty else { throw Failure(description: "an answer is empty") }
        return isThere
    }

    private func range(_ prefix: Substring) async throws(Failure) -> String {
        var request = HTTPClientRequest(url: "\(url)/range/\(prefix)")
        request.headers.add(name: "user-agent", value: userAgent)
        request.headers.add(name: "add-padding", value: "true")
        let status: UInt
        let body: ByteBuffer
        do {
            let deadline = NIODeadline.now() + .nanoseconds(Int64(timeout / .nanoseconds(1)))
            let response = try await client.execute(request, deadline: deadline)
            status = response.status.code
            body = try await response.body.collect(upTo: Self.answerLimit)
        } catch {
            throw Failure(description: "was not reached: \(type(of: error))")
        }
        guard status == 200 else { throw Failure(description: "answered \(status)") }
        return String(buffer: body)
    }
}
