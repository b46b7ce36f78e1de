import Codecs
import Features
import Foundation
import Platform
import TestKit
import Testing

/// One rule for a new password, wherever one is set.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct PasswordRuleTests {
    private func signUp(
        _ password: String, _ server: TestServer, email: String? = nil, data: JSON = [:]
    ) async throws -> TestAnswer {
        let email = email ?? "p-\(ID<Person>().text.prefix(8))@mail.example"
        return try await server.visitor.post(
            "/auth/v1/signup", ["email": .string(email), "password": .string(password), "data": data])
    }

    private func reasons(_ answer: TestAnswer) throws -> [String]? {
        try answer.json["weak_password"]?["reasons"]?.array?.compactMap(\.string)
    }

    /// The page that somebody sees who signs up so.
    private func page(_ password: String, _ server: TestServer) async throws -> String {
        let fields: KeyValuePairs = ["email": "new@mail.example", "password": password]
        return try await server.visitor.with("content-type", "application/x-www-form-urlencoded")
            .send(.POST, "/account/sign-up", Array(QueryString.encode(fields).utf8)).text
    }

    @Test func `a password that many have is refused, however it is written`() async throws {
        try await TestNode.serving { server in
            for common in ["12345678", "password1", "PASSWORD1", "ｐａｓｓｗｏｒｄ１", "qwertyuiop", "1q2w3e4r5t"] {
                let answer = try await signUp(common, server)
                #expect(answer.status == 422, "\(common)")
                #expect(try answer.json["error_code"] == "weak_password")
                #expect(try reasons(answer) == ["pwned"])
                #expect(!answer.text.contains(common))
            }
            let short = try await signUp("monkey", server)
            #expect(try reasons(short) == ["length", "pwned"])
            #expect(try short.json["msg"]?.string?.contains("at least 8 characters") == true)
        }
    }

    @Test func `a shorter minimum lets no common password in`() async throws {
        try await TestNode.serving(settings: ["PASSWORD_MIN_LENGTH": "6"]) { server in
            let common = try await signUp("monkey", server)
            #expect(try reasons(common) == ["pwned"])
            #expect(try reasons(try await signUp("xq7#k", server)) == ["length"])
            #expect(try await signUp("xq7#kw", server).status == 200)
        }
    }

    @Test func `the owner's address and name and the product's name make no password`() async throws {
        try await TestNode.serving(settings: ["EMAIL_FROM_NAME": "Harmless Whales"]) { server in
            let data: JSON = ["full_name": "Ada King Lovelace"]
            let email = "countess@babbage.example"
            for own in [
                "countess@babbage.example", "Countess1815", "babbage1815!", "countess.babbage", "adalovelace",
                "Lovelace",
                "ada king lovelace", "Harmless-Whales", "harmlesswhales1", "2026Lovelace", "countesscountess",
                "ＣＯＵＮＴＥＳＳ", "ada   lovelace 12",
            ] {
                let answer = try await signUp(own, server, email: email, data: data)
                #expect(try reasons(answer) == ["pwned"], "\(own): \(answer.text)")
            }
            for good in ["countess of the engine", "lovelace 8317462 x", "nine harmless horses"] {
                #expect(try await signUp(good, server, data: data).status == 200, "\(good)")
            }
        }
    }

    @Test func `any characters are allowed, none is asked for, and spaces count`() async throws {
        try await TestNode.serving { server in
            for (number, password) in [
                "a b c d e f g h", "       z        ", "🙂🙃🙂🙃🙂🙃🙂🙃", "пароль из слов", "\t\u{1}\u{7F}~~~~~",
                "𝒑𝒂𝒔𝒔𝒑𝒉𝒓𝒂𝒔𝒆 𝒙",
                "noneofthesearecapital", String(repeating: "x y ", count: 16),
            ].enumerated() {
                let email = "any-\(number)@mail.example"
                #expect(try await signUp(password, server, email: email).status == 200, "\(password)")
                let answer = try await server.visitor.post(
                    "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(password)])
                #expect(answer.status == 200, "\(password)")
                let trimmed = password.trimmingCharacters(in: .whitespaces)
                guard trimmed != password else { continue }
                let cut = try await server.visitor.post(
                    "/auth/v1/token?grant_type=password", ["email": .string(email), "password": .string(trimmed)])
                #expect(try cut.json["error_code"] == "invalid_credentials", "\(password)")
            }
        }
    }

    @Test func `length counts code points, and bytes to 72, of the one spelling that is hashed`() async throws {
        try await TestNode.serving { server in
            // Seven characters, typed as fourteen code points.
            let composed = String(repeating: "e\u{301}", count: 7)
            #expect(try reasons(try await signUp(composed, server)) == ["length"])
            #expect(try await signUp(composed + "x", server).status == 200)
            // 36 times two bytes, typed as 108.
            let most = String(repeating: "e\u{301}", count: 36)
            #expect(try await signUp(most, server).status == 200)
            // 5 characters that become 90, of more than 72 bytes.
            for long in [most + "x", String(repeating: "\u{FDFA}", count: 5), String(repeating: "a", count: 73)] {
                let answer = try await signUp(long, server)
                #expect(answer.status == 400)
                #expect(try answer.json["error_code"] == "validation_failed")
            }
        }
    }

    @Test func `whoever sets a password, and wherever, keeps the rule`() async throws {
        try await TestNode.serving { server in
            let person = try await server.person()
            let service = try await server.service()
            let users = "/auth/v1/admin/users"
            for weak in ["12345678", "short"] {
                let password = JSON.string(weak)
                for answer in [
                    try await person.client.put("/auth/v1/user", ["password": password]),
                    try await service.post(users, ["email": "new@mail.example", "password": password]),
                    try await service.put(users + "/" + person.id.text, ["password": password]),
                    try await service.post(
                        "/auth/v1/admin/generate_link",
                        ["type": "signup", "email": "new@mail.example", "password": password]),
                ] {
                    #expect(answer.status == 422)
                    #expect(try answer.json["error_code"] == "weak_password")
                }
                #expect(try await page(weak, server).contains("too short or too easy to guess"))
                await #expect(throws: Problem.self) {
                    try await Accounts.create(
                        "new@mail.example", password: .chosen(weak), isOperator: false, server.node.services)
                }
            }
            #expect(try await page(String(repeating: "a", count: 73), server).contains("too long"))
            let own = person.email.prefix { $0 != "@" }
            #expect(
                try reasons(await person.client.put("/auth/v1/user", ["password": .string("\(own)!")])) == ["pwned"])
            let renamed = try await person.client.put(
                "/auth/v1/user", ["email": "countess@mail.example", "password": "countess99"])
            #expect(try reasons(renamed) == ["pwned"])
            let byAdmin = try await service.put(users + "/" + person.id.text, ["password": .string("\(own)!")])
            #expect(try reasons(byAdmin) == ["pwned"])
        }
    }

    @Test func `the command line keeps the minimum that is set, and makes up passwords that need no rule`() async throws
    {
        try await TestNode.serving(settings: ["PASSWORD_MIN_LENGTH": "40"]) { server in
            let services = server.node.services
            let refused = await #expect(throws: Problem.self) {
                try await Accounts.create(
                    "op@mail.example", password: .chosen("nine harmless whales"), isOperator: true, services)
            }
            #expect(refused?.kind.code == "weak_password")
            try await Accounts.create("op@mail.example", password: .random(), isOperator: true, services)
        }
    }

    @Test func `nothing is kept of when a password is to change, and no hints`() async throws {
        let columns: [String] = try await TestNode.make().services.platform.all(
            """
            select n.nspname || '.' || c.relname || '.' || a.attname as name
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('auth', 'public', 'lean') and a.attnum > 0
                and a.attname ~ 'hint|question|password.*(age|expir|history|changed)|(previous|old|last)_password'
            """
        ) { try $0["name"] }
        #expect(columns == [])
    }
}
