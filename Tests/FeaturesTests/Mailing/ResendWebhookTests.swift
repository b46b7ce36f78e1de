import Codecs
import Features
import Foundation
import Platform
import Postgres
import TestKit
import Testing

/// What Resend tells of letters, and what others try to tell in its name.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ResendWebhookTests {
    private static let path = "/functions/v1/mailing_resend-webhook"

    private static func event(
        _ type: String, _ address: String = "gone@example.com", bounce: String = "Permanent"
    ) -> JSON {
        var data: JSONObject = [
            "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "created_at": "2026-11-22T23:41:11.894Z",
            "from": "Product <hello@example.com>", "to": [.string(address)], "subject": "Confirm your address",
        ]
        if type == "email.bounced" {
            data["bounce"] = ["type": .string(bounce), "subType": "General", "message": "There is no such mailbox."]
        }
        return ["type": .string(type), "created_at": "2026-11-22T23:41:12.126Z", "data": .object(data)]
    }

    private func reasons(_ server: TestServer) async throws -> [String: String] {
        let rows: [(String, String)] = try await server.node.services.platform.all(
            "select address, reason from lean.mail_suppressions"
        ) { (try $0["address"], try $0["reason"]) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    private func reports(_ server: TestServer) async throws -> Int {
        try await server.node.services.platform.one("select count(*)::int4 as n from lean.mail_reports") { try $0["n"] }
    }

    @Test func `an address that bounced for good or complained is written to no more`() async throws {
        try await TestNode.serving(settings: ["RATE_LIMIT_DISABLED": "true"]) { server in
            let told = [
                Self.event("email.bounced", "Gone@Example.com"), Self.event("email.complained", "angry@example.com"),
                Self.event("email.bounced", "full@example.com", bounce: "Transient"),
                Self.event("email.bounced", "odd@example.com", bounce: "Undetermined"),
                Self.event("email.delivered", "fine@example.com"),
                Self.event("email.delivery_delayed", "slow@example.com"),
            ]
            for event in told {
                let answer = try await Svix().send(event, to: Self.path, server.visitor)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try answer.json["received"] == true)
            }
            #expect(
                try await reasons(server) == ["gone@example.com": "bounce", "angry@example.com": "complaint"])
            #expect(try await reports(server) == told.count)
            _ = try await server.visitor.post("/auth/v1/otp", ["email": "gone@example.com"])
            try await server.untilIdle()
            #expect(try await server.letters(to: "gone@example.com").isEmpty)
        }
    }

    @Test func `what is unknown is taken and ignored, and what is no event is told`() async throws {
        try await TestNode.serving { server in
            for type in ["contact.created", "domain.updated", "something.new"] {
                let answer = try await Svix().send(Self.event(type), to: Self.path, server.visitor)
                #expect(answer.status == 200)
            }
            #expect(try await reports(server) == 0)
            // A kind of letters' events that is to come is kept, and does nothing.
            #expect(try await Svix().send(Self.event("email.new"), to: Self.path, server.visitor).status == 200)
            #expect(try await reports(server) == 1)
            for body in ["", "{", "[]", "{}", #"{"type": 1, "data": {}}"#, #"{"type": "email.bounced"}"#] {
                let bytes = Array(body.utf8)
                let answer = try await Svix().send(
                    bytes, signedAs: Svix().headers(bytes), to: Self.path, server.visitor)
                #expect(answer.status == 400, "\(body)")
                #expect(try answer.json["error"]?["code"] == "VALIDATION_ERROR", "\(body)")
            }
            #expect(try await reasons(server).isEmpty)
        }
    }

    @Test func `nobody else speaks for Resend`() async throws {
        try await TestNode.serving { (server: TestServer) async throws in
            let body = Self.event("email.bounced").encoded()
            let other = Self.event("email.bounced", "victim@example.com").encoded()
            let good = Svix().headers(body)
            func status(_ body: [UInt8], _ headers: [String: String]) async throws -> Int {
                try await Svix().send(body, signedAs: headers, to: Self.path, server.visitor).status
            }
            func with(_ name: String, _ value: String) -> [String: String] { good.merging([name: value]) { $1 } }
            let stranger = Svix(secrets: ["whsec_" + Data(repeating: 7, count: 24).base64EncodedString()])
            #expect(try await status(body, stranger.headers(body)) == 401)
            #expect(try await status(other, good) == 401)
            #expect(try await status(body + [0x20], good) == 401)
            #expect(try await status(body, with("svix-id", "msg_other")) == 401)
            #expect(try await status(body, with("svix-timestamp", "\(Int(Date().timeIntervalSince1970) + 1)")) == 401)
            let code = good["svix-signature"] ?? ""
            let wrong = [
                "v1,", "v1", "v2,\(code.dropFirst(3))", code.lowercased(), "\(code.dropLast(4))",
                "v1a\(code.dropFirst(2))",
                "v1,\(String(repeating: "A", count: 43))=", "\(code.dropFirst(3))",
            ]
            for signature in wrong {
                #expect(try await status(body, with("svix-signature", signature)) == 401, "\(signature)")
            }
            for name in ["svix-id", "svix-timestamp", "svix-signature"] {
                #expect(try await status(body, good.filter { $0.key != name }) == 400, "without \(name)")
            }
            #expect(try await status(body, [:]) == 400)
            #expect(try await reasons(server).isEmpty)
            #expect(try await reports(server) == 0)
            // The right one is still good.
            #expect(try await status(body, good) == 200)
        }
    }

    @Test func `a webhook of more than five minutes ago or ahead is too old, and only who signs is told so`()
        async throws
    {
        try await TestNode.serving { server in
            for age in [301, -302, 86_400] {
                let late = try await Svix(age: age).send(Self.event("email.bounced"), to: Self.path, server.visitor)
                #expect(late.status == 400)
                #expect(late.text.contains("too old"))
                let stranger = Svix(secrets: ["whsec_" + Data(repeating: 7, count: 24).base64EncodedString()], age: age)
                let answer = try await stranger.send(Self.event("email.bounced"), to: Self.path, server.visitor)
                #expect(answer.status == 401)
            }
            for age in [290, -290] {
                let near = try await Svix(age: age).send(Self.event("email.bounced"), to: Self.path, server.visitor)
                #expect(near.status == 200)
            }
        }
    }

    @Test func `two secrets are good while one is being changed, ours or Resend's`() async throws {
        let former = "whsec_" + Data(repeating: 9, count: 32).base64EncodedString()
        try await TestNode.serving(settings: ["RESEND_WEBHOOK_SECRET": "\(TestNode.webhookSecret), \(former)"]) {
            server in
            for secrets in [[TestNode.webhookSecret], [former], [former, TestNode.webhookSecret]] {
                let answer = try await Svix(secrets: secrets).send(
                    Self.event("email.delivered"), to: Self.path, server.visitor)
                #expect(answer.status == 200)
            }
        }
        try await TestNode.serving(settings: ["RESEND_WEBHOOK_SECRET": ""]) { server in
            let answer = try await Svix().send(Self.event("email.delivered"), to: Self.path, server.visitor)
            #expect(answer.status == 401)
        }
        await #expect(throws: (any Error).self) {
            _ = try await TestNode.make(settings: ["RESEND_WEBHOOK_SECRET": "re_123"])
        }
    }

    @Test(arguments: [
        ([:], false), (["RESEND_API_KEY": "re_1"], true), (["RESEND_API_KEY_FILE": "/run/key"], true),
        (["RESEND_API_KEY": "re_1", "RESEND_WEBHOOK_SECRET": TestNode.webhookSecret], false),
    ])
    func `whoever sends by Resend and hears nothing from it is advised to`(
        _ settings: [String: String], _ isAdvised: Bool
    ) {
        var read = SettingReader(sources: SettingSources(environment: settings, dotenv: nil, toml: nil) { _ in "re_1" })
        _ = Feature.mailing(&read)
        #expect(read.report().advice.map(\.name).contains("RESEND_WEBHOOK_SECRET") == isAdvised)
    }

    @Test func `one webhook fifty times at once is one, and one that an operator has answered stays answered`()
        async throws
    {
        try await TestNode.serving { server in
            let svix = Svix(id: "msg_once")
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await svix.send(Self.event("email.bounced"), to: Self.path, server.visitor).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await reports(server) == 1)
            let told = server.node.services.metrics.value(
                of: "leansaas_events_total", ["event": "mail.address_suppressed"])
            #expect(told == 1)
            // An operator lets letters go there again; Resend's next attempt at the old webhook changes nothing.
            try await server.node.services.platform.run("delete from lean.mail_suppressions")
            _ = try await svix.send(Self.event("email.bounced"), to: Self.path, server.visitor)
            #expect(try await reasons(server).isEmpty)
        }
    }

    @Test func `whatever the order, the same stands in the end`() async throws {
        let kinds = ["email.sent", "email.delivered", "email.bounced", "email.complained"]
        var ends: Set<[String: String]> = []
        for turn in 0..<4 {
            let order = kinds[turn...] + kinds[..<turn]
            for events in [Array(order), order.reversed()] {
                let end = try await TestNode.serving { server in
                    try await server.node.services.platform.run("delete from lean.mail_suppressions")
                    for kind in events {
                        _ = try await Svix().send(Self.event(kind), to: Self.path, server.visitor)
                    }
                    return try await reasons(server)
                }
                ends.insert(end)
            }
        }
        #expect(ends == [["gone@example.com": "complaint"]])
    }

    @Test func `a flood of headers, of signatures and of bytes is refused without work`() async throws {
        try await TestNode.serving { server in
            let event = Self.event("email.bounced")
            let flood = Svix(secrets: Array(repeating: TestNode.webhookSecret, count: 100))
            #expect(try await flood.send(event, to: Self.path, server.visitor).status == 400)
            let late = Svix(
                secrets: Array(repeating: "whsec_AAAAAAAAAAAAAAAAAAAAAAAA", count: 8) + [TestNode.webhookSecret])
            #expect(try await late.send(event, to: Self.path, server.visitor).status == 401)
            let large = [UInt8](repeating: 0x20, count: 262_145)
            let answer = try await Svix().send(large, signedAs: Svix().headers(large), to: Self.path, server.visitor)
            #expect(answer.status == 413)
            #expect(try await reports(server) == 0)
        }
    }

    @Test func `what was told is forgotten after thirty days`() async throws {
        let clock = ManualClock()
        try await TestNode.serving(clock: clock.wall) { server in
            _ = try await Svix().send(Self.event("email.bounced"), to: Self.path, server.visitor)
            #expect(try await reports(server) == 1)
            clock.advance(by: .seconds(31 * 86_400))
            try await until("it is forgotten") { try await reports(server) == 0 }
            #expect(try await reasons(server) == ["gone@example.com": "bounce"])
        }
    }
}
