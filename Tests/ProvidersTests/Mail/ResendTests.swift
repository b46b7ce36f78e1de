import Codecs
import Platform
import Providers
import Testing

/// Letters by Resend's API.
@Suite(.timeLimit(.minutes(10))) struct ResendTests {
    private func message(_ id: String = "4f3a", template: ProviderTemplate? = nil) -> MailMessage {
        MailMessage(
            id: id, from: Mailbox(name: "Größe, \"Söhne\"", address: "hello@product.example"),
            recipient: "ada@example.com", subject: "Confirm", text: "Hello\n", html: "<p>Hello</p>", template: template)
    }

    private func with(
        _ body: (ResendDouble, ResendTransport) async throws -> Void
    ) async throws {
        let double = try await ResendDouble()
        try await body(double, ResendTransport(key: Secret(ResendDouble.secret), url: double.url))
        try await double.close()
    }

    @Test func `a letter is sent once, however often it is handed over`() async throws {
        try await with { resend, transport in
            let first = try await transport.send(message())
            let second = try await transport.send(message())
            #expect(first != nil)
            #expect(first == second)
            let call = try #require(resend.calls.first)
            #expect(call.key == "4f3a")
            #expect(call.body["from"]?.string == "Größe Söhne <hello@product.example>")
            #expect(call.body["to"] == ["ada@example.com"])
            #expect(call.body["text"]?.string == "Hello\n")
            #expect(try await transport.send(message("other")) != first)
        }
    }

    @Test func `a provider's template goes without a text of ours`() async throws {
        try await with { resend, transport in
            let template = ProviderTemplate(id: "template_welcome", variables: ["name": "Ada"])
            _ = try await transport.send(message(template: template))
            let body = try #require(resend.calls.first?.body)
            #expect(body["template"] == ["id": "template_welcome", "variables": ["name": "Ada"]])
            #expect(body["html"] == nil && body["text"] == nil)
        }
    }

    @Test(
        arguments: [
            (429, "rate_limit_exceeded", 7, MailFailure.Kind.passing, Duration.seconds(7)),
            (429, "daily_quota_exceeded", nil, .passing, .seconds(3_600)),
            (409, "concurrent_idempotent_requests", nil, .passing, nil),
            (500, "application_error", nil, .passing, nil),
            (409, "invalid_idempotent_request", nil, .refused, nil),
            (403, "validation_error", nil, .refused, nil),
            (401, "missing_api_key", nil, .refused, nil),
        ] as [(Int, String, Int?, MailFailure.Kind, Duration?)])
    func `each refusal is waited for or told, as Resend means it`(
        _ status: Int, _ name: String, _ seconds: Int?, _ kind: MailFailure.Kind, _ wait: Duration?
    ) async throws {
        try await with { resend, transport in
            resend.fail((status, name, retryAfter: seconds))
            let failure = await #expect(throws: MailFailure.self) { _ = try await transport.send(message()) }
            #expect(failure?.kind == kind)
            #expect(failure?.retryAfter == wait)
            #expect(failure?.reason.contains("ada@") == false)
            #expect(failure?.reason.contains(ResendDouble.secret) == false)
            #expect(failure?.reason.hasPrefix("Resend answered \(status), \(name): (an address)") == true)
            #expect((failure?.reason.count ?? 0) <= 300)
        }
    }

    @Test func `a wrong key is told, and a server that is not there is waited for`() async throws {
        let double = try await ResendDouble()
        let wrong = ResendTransport(key: Secret("re_wrong"), url: double.url)
        #expect(await #expect(throws: MailFailure.self) { _ = try await wrong.send(message()) }?.kind == .refused)
        try await double.close()
        // Nobody listens at port 1.
        let gone = ResendTransport(key: Secret(ResendDouble.secret), url: "http://127.0.0.1:1", timeout: .seconds(2))
        let failure = await #expect(throws: MailFailure.self) { _ = try await gone.send(message()) }
        #expect(failure?.kind == .passing)
        #expect(failure?.reason == "Resend was not reached: connection refused")
    }
}
