import Codecs
import Features
import Platform
import TestKit
import Testing

/// Links for who sends their own letters, as GoTrue's clients ask for them.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct GenerateLinkTests {
    private static let settings = ["MAILER_AUTOCONFIRM": "false", "URI_ALLOW_LIST": "https://app.example.com/**"]
    private static let path = "/auth/v1/admin/generate_link"

    @Test func `where the link ends is taken from the query and from the body`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let service = try await server.service()
            let target = "https://app.example.com/in"
            let order: JSONObject = ["type": "magiclink", "email": "ada@example.com"]
            var inBody = order
            inBody["redirect_to"] = .string(target)
            let answers = [
                try await service.post(Self.path + "?redirect_to=\(target)", .object(order)),
                try await service.post(Self.path, .object(inBody)),
            ]
            for answer in answers {
                #expect(try answer.json["redirect_to"] == .string(target))
                #expect(try answer.json["action_link"]?.string?.hasSuffix("app.example.com%2Fin") == true)
            }
        }
    }

    @Test func `a link for somebody new signs them up`() async throws {
        try await TestNode.serving(settings: Self.settings) { server in
            let service = try await server.service()
            let made = try await service.post(Self.path, ["type": "magiclink", "email": "new@example.com"])
            #expect(made.status == 200)
            #expect(try made.json["verification_type"] == "signup")
            let proof: JSON = [
                "type": "signup", "token_hash": .string(try #require(made.json["hashed_token"]?.string)),
            ]
            #expect(try await server.visitor.post("/auth/v1/verify", proof).status == 200)
            let again = try await service.post(Self.path, ["type": "magiclink", "email": "new@example.com"])
            #expect(try again.json["verification_type"] == "magiclink")
        }
    }

    @Test func `what cannot be is refused, and changes nothing`() async throws {
        let settings = Self.settings.merging(["MAILER_SECURE_EMAIL_CHANGE_ENABLED": "false"]) { $1 }
        try await TestNode.serving(settings: settings) { server in
            let service = try await server.service()
            for email in ["ada@example.com", "bea@example.com"] {
                _ = try await service.post("/auth/v1/admin/users", ["email": .string(email), "email_confirm": true])
            }
            let refusals: [(JSON, Int, JSON)] = [
                (["type": "signup", "email": "new@example.com"], 400, "validation_failed"),
                (["type": "recovery", "email": "new@example.com"], 404, "user_not_found"),
                (["type": "signup", "email": "ada@example.com", "password": "a good long one"], 422, "email_exists"),
                (
                    ["type": "email_change_new", "email": "ada@example.com", "new_email": "bea@example.com"], 422,
                    "email_exists"
                ),
                (
                    ["type": "email_change_current", "email": "ada@example.com", "new_email": "c@example.com"], 400,
                    "validation_failed"
                ),
            ]
            for (order, status, code) in refusals {
                let answer = try await service.post(Self.path, order)
                #expect(answer.status == status, "\(order)")
                #expect(try answer.json["error_code"] == code)
            }
            let count: Int = try await server.node.services.platform.one(
                "select count(*) as n from auth.users where email = 'new@example.com' or email_change <> ''"
            ) { try $0["n"] }
            #expect(count == 0)
            // Where one address is enough, the new one's word is.
            let made = try await service.post(
                Self.path, ["type": "email_change_new", "email": "ada@example.com", "new_email": "c@example.com"])
            let proof: JSON = [
                "type": "email_change", "token_hash": .string(try #require(made.json["hashed_token"]?.string)),
            ]
            let changed = try await server.visitor.post("/auth/v1/verify", proof)
            #expect(try changed.json["user"]?["email"] == "c@example.com")
        }
    }
}
