import Codecs
import Features
import Platform
import TestKit
import Testing

/// The product's letters on their way by Resend.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ResendLettersTests {
    @Test func `welcomes and notices use the provider's templates, letters that sign in never do`() async throws {
        let resend = try await ResendDouble()
        let settings = [
            "RESEND_API_KEY": ResendDouble.secret, "RESEND_API_URL": resend.url, "EMAIL_FROM": "hello@product.example",
            "WELCOME_EMAIL_TEMPLATE_ID": "template_welcome", "NOTIFICATION_EMAIL_TEMPLATE_ID": "template_notice",
        ]
        try await TestNode.serving(settings: settings) { server in
            let person = try await server.person()
            _ = try await person.client.put("/auth/v1/user", ["password": "a whole new password"])
            _ = try await server.visitor.post("/auth/v1/otp", ["email": .string(person.email)])
            try await until("three letters have come") { resend.calls.count == 3 }
            let calls = resend.calls
            #expect(Set(calls.map(\.key)).count == 3)
            func letter(_ template: String?) -> JSONObject? {
                calls.first { $0.body["template"]?["id"]?.string == template }?.body
            }
            let welcome = try #require(letter("template_welcome"))
            #expect(welcome["to"] == [.string(person.email)])
            #expect(welcome["template"]?["variables"]?["subject"] == "Welcome to Lean SaaS")
            let notice = try #require(letter("template_notice"))
            #expect(notice["template"]?["variables"]?["subject"] == "Your password was changed")
            #expect(letter(nil)?["text"]?.string?.contains("/auth/v1/verify?token=") == true)
            // Each is known by Resend's own id, which it tells of bounces by.
            try await until("they are written down") {
                try await server.node.services.platform.one(
                    "select count(*) = 3 as is_whole from lean.mails where provider_id is not null and outcome = 'sent'"
                ) { try $0["is_whole"] }
            }
        }
        try await resend.close()
    }

    @Test func `a letter that is refused because of us is tried again, and told as what it is`() async throws {
        let resend = try await ResendDouble()
        let settings = [
            "RESEND_API_KEY": "re_of_another", "RESEND_API_URL": resend.url, "EMAIL_FROM": "hello@product.example",
        ]
        try await TestNode.serving(settings: settings) { server in
            _ = try await server.visitor.post(
                "/auth/v1/signup", ["email": "a@example.com", "password": "nine harmless whales"])
            let services = server.node.services
            func told(_ event: String) -> Int {
                services.metrics.value(of: "leansaas_events_total", ["event": event])
            }
            try await until("it is told") { told("mail.provider_refused") > 0 }
            #expect(told("mail.refused") == 0)
            try await until("its reason stands there") {
                try await JobsSwitch.list(10, services).contains {
                    $0.reason?.hasPrefix("Resend answered 401, invalid_api_key: (an address) is refused") == true
                }
            }
        }
        try await resend.close()
    }
}
