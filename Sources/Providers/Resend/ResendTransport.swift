import AsyncHTTPClient
import Codecs
import NIOCore
import Platform

/// Sends letters by Resend's HTTP API. Source: resend.com/docs/api-reference/emails/send-email and its pages on errors and
/// idempotency keys.
public struct ResendTransport: MailTransport {
    public let name = "resend"
    private let key: Secret
    private let url: String
    private let timeout: Duration
    private let client: HTTPClient

    /// The most of an answer that is read, bytes.
    private static let answerLimit = 65_536

    /// - Parameters:
    ///   - url: the API's base address, without a trailing slash: `https://api.resend.com`.
    ///   - timeout: the longest that one letter may take in all.
    public init(
        key: Secret, url: String = "https://api.resend.com", timeout: Duration = .seconds(15),
        client: HTTPClient = .shared
    ) {
        self.key = key
        self.url = url
        self.timeout = timeout
        self.client = client
    }

    public func send(_ message: MailMessage) async throws(MailFailure) -> String? {
        let (status, headers, answer) = try await ask(message)
        if (200..<300).contains(status) { return answer?["id"]?.string }
        throw failure(status, headers, answer)
    }

    private func ask(_ message: MailMessage) async throws(MailFailure) -> (Int, HTTPClientResponse, JSONObject?) {
        var request = HTTPClientRequest(url: url + "/emails")
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(key.reveal())")
        request.headers.add(name: "content-type", value: "application/json")
        // The same letter again gets the first answer again, for 24 hours.
        request.headers.add(name: "idempotency-key", value: message.id)
        request.body = .bytes(ByteBuffer(bytes: JSONWriter.bytes(of: JSON.object(body(of: message)))))
        do {
            let response = try await client.execute(
                request, deadline: .now() + .nanoseconds(Int64(timeout / .nanoseconds(1))))
            let bytes = try await response.body.collect(upTo: Self.answerLimit)
            // What is no JSON comes from something between us and Resend; the status alone then counts.
            let answer = try? bytes.withUnsafeReadableBytes { try JSON(parsing: $0.bindMemory(to: UInt8.self)) }
            return (Int(response.status.code), response, answer?.object)
        } catch {
            throw MailFailure(.passing, "Resend was not reached: \(NotReached.sentence(error))")
        }
    }

    /// With a template there is no text of ours: the API refuses both together.
    private func body(of message: MailMessage) -> JSONObject {
        var body: JSONObject = [
            "from": .string(from(message.from)), "to": [.string(message.recipient)],
            "headers": ["Auto-Submitted": "auto-generated"],
        ]
        if let template = message.template {
            let variables = JSONObject(
                template.variables.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) })
            body["template"] = ["id": .string(template.id), "variables": .object(variables)]
        } else {
            body["subject"] = .string(message.subject)
            body["text"] = .string(message.text)
            body["html"] = .string(message.html)
        }
        return body
    }

    private func from(_ mailbox: Mailbox) -> String {
        let name = mailbox.name.filter { !"<>\"\\,".contains($0) }
        return name.isEmpty ? mailbox.address : "\(name) <\(mailbox.address)>"
    }

    /// Resend's own sentence on one line, at most 200 characters of it, and without the addresses and keys that it may quote.
    private func harmless(_ message: String) -> String {
        let words = message.split { $0.isWhitespace || $0.isNewline }.map { word in
            word.contains("@") ? "(an address)" : word.contains("re_") || word.contains(key.reveal()) ? "(a key)" : word
        }
        return String(words.joined(separator: " ").prefix(200))
    }

    /// Resend's own names of errors decide where a status means several things.
    private func failure(_ status: Int, _ response: HTTPClientResponse, _ answer: JSONObject?) -> MailFailure {
        let error = answer?["name"]?.string.map { String($0.prefix(60)) } ?? "no name"
        let sentence = answer?["message"]?.string.map { ": \(harmless($0))" } ?? ""
        let reason = "Resend answered \(status), \(error)\(sentence)"
        let wait = response.headers.first(name: "retry-after").flatMap { Int($0) }
            .map { Duration.seconds(min(max($0, 1), 3_600)) }
        switch (status, error) {
        case (409, "concurrent_idempotent_requests"), (429, "rate_limit_exceeded"), (408, _), (500..., _):
            return MailFailure(.passing, reason, retryAfter: wait)
        case (429, _):
            // The quota of a day or a month is used up.
            return MailFailure(.passing, reason, retryAfter: wait ?? .seconds(3_600))
        default:
            return MailFailure(.refused, reason)
        }
    }
}
