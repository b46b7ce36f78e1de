import Codecs
import Crypto
import Features
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SigningKeysTests {
    private func header(of token: String) throws -> JSON {
        try JSON(parsing: try #require(Base64URL.decode(token.split(separator: ".")[0])))
    }

    /// Somebody whose token is signed by the pair: under the lease a node may sign by the one of before for a moment.
    private func person(of server: TestServer, signedBy id: String) async throws -> TestPerson {
        var person = try await server.person()
        try await until("the node signs by the new pair") {
            if try header(of: person.accessToken)["kid"]?.string == id { return true }
            person = try await server.person()
            return false
        }
        return person
    }

    @Test(arguments: SigningAlgorithm.allCases)
    func `a rotation signs by the new pair, and what was signed before stays good`(_ algorithm: SigningAlgorithm)
        async throws
    {
        try await TestNode.serving { server in
            let before = try await server.person()
            let services = server.node.services
            let key = try await SigningKeyRotation.rotate(algorithm, services)
            _ = try await person(of: server, signedBy: key.id)
            let after = try await server.again(before)
            #expect(try header(of: after.accessToken)["alg"]?.string == algorithm.rawValue)
            #expect(try header(of: after.accessToken)["kid"]?.string == key.id)
            for person in [before, after] {
                #expect(try await person.client.get("/auth/v1/user").status == 200)
                #expect(try await person.client.get("/functions/v1/notes_list").status == 200)
            }
            let second = try await SigningKeyRotation.rotate(nil, services)
            #expect(second.algorithm == .es256)
            #expect(try await after.client.get("/auth/v1/user").status == 200)
            let statuses = try await SigningKeyRotation.list(services).map(\.status)
            #expect(statuses.filter { $0 == .inUse }.count == 1)
            #expect(statuses.contains(.previouslyUsed))
        }
    }

    @Test func `only public halves are published, and each but the revoked`() async throws {
        try await TestNode.serving { server in
            let services = server.node.services
            let none = try await server.visitor.get("/.well-known/jwks.json")
            #expect(try none.json == ["keys": []])
            for algorithm in SigningAlgorithm.allCases { try await SigningKeyRotation.rotate(algorithm, services) }
            let standby = try await SigningKeyRotation.prepare(.es256, services)
            let oldest = try #require(try await SigningKeyRotation.list(services).last)
            try await SigningKeyRotation.revoke(oldest.id, services)
            try await until("the standby is published") {
                try await server.visitor.get("/auth/v1/.well-known/jwks.json").json["keys"]?.array?.count == 3
            }
            let answer = try await server.visitor.get("/auth/v1/.well-known/jwks.json")
            #expect(answer.header("cache-control") == "public, max-age=600")
            let keys = try #require(try answer.json["keys"]?.array)
            #expect(keys.contains { $0["kid"]?.string == standby.id })
            #expect(!keys.contains { $0["kid"]?.string == oldest.id })
            for key in keys {
                let members = try #require(key.object?.keys)
                #expect(Set(members).isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "k", "oth"]))
                #expect(key["use"] == "sig")
            }
            #expect(!answer.text.contains("PRIVATE"))
        }
    }

    @Test func `a pair that is revoked is refused at once, remembered tokens with it`() async throws {
        try await TestNode.serving { server in
            let services = server.node.services
            let first = try await SigningKeyRotation.rotate(.es256, services)
            let person = try await person(of: server, signedBy: first.id)
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            await #expect(throws: Problem.self) { try await SigningKeyRotation.revoke(first.id, services) }
            try await SigningKeyRotation.rotate(.es256, services)
            try await SigningKeyRotation.revoke(first.id, services)
            try await until("its tokens are refused") {
                try await person.client.get("/auth/v1/user").status == 401
            }
            #expect(try await person.client.get("/functions/v1/notes_list").status == 401)
        }
    }

    @Test func `what one node signs by a new pair the other takes at once`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let person = try await one.person()
                let there = TestClient(server: two, headers: person.client.headers)
                #expect(try await there.get("/auth/v1/user").status == 200)
                for _ in 0..<5 {
                    try await SigningKeyRotation.rotate(.edDSA, one.node.services)
                    let again = try await one.again(person)
                    let there = TestClient(server: two, headers: again.client.headers)
                    #expect(try await there.get("/functions/v1/notes_list").status == 200)
                    try await until("the search interval is over, or the change was told") {
                        try await there.get("/auth/v1/user").status == 200
                    }
                }
            }
        }
    }

    @Test func `persons' tokens by the shared secret can be refused, the keys of clients never`() async throws {
        let person = try await TestNode.serving { try await $0.person() }
        try await TestNode.serving(settings: ["JWT_ACCEPT_HS256": "false"]) { server in
            let stale = try await TestClient(server: server, headers: person.client.headers).get("/auth/v1/user")
            #expect(stale.status == 401)
            let service = try await server.service().get("/auth/v1/user")
            #expect(service.status == 403)
        }
    }

    @Test func `a rotation without a key to seal by is refused, and leaves nothing`() async throws {
        try await TestNode.serving(settings: ["ENCRYPTION_KEY": ""]) { server in
            await #expect(throws: SealRefusal.noKey) {
                try await SigningKeyRotation.rotate(.es256, server.node.services)
            }
            #expect(try await SigningKeyRotation.list(server.node.services).isEmpty)
            _ = try await server.person()
        }
    }

    @Test func `a node that cannot open the pair verifies, does not sign, and says so`() async throws {
        let person = try await TestNode.serving { server in
            try await SigningKeyRotation.rotate(.es256, server.node.services)
            return try await server.person()
        }
        let other = ["ENCRYPTION_KEY": Self.otherKey]
        try await TestNode.serving(settings: other) { server in
            let client = TestClient(server: server, headers: person.client.headers)
            #expect(try await client.get("/auth/v1/user").status == 200)
            let refused = try await server.visitor.post(
                "/auth/v1/token?grant_type=password",
                ["email": .string(person.email), "password": .string(TestPerson.password)])
            #expect(refused.status == 503)
            #expect(!refused.text.contains("seal"))
        }
    }

    @Test func `sealed columns are sealed anew under the newest key`() async throws {
        try await TestNode.serving { server in
            for _ in 0..<3 { try await SigningKeyRotation.rotate(.es256, server.node.services) }
        }
        let newest = Self.otherKey
        let both = ["ENCRYPTION_KEY": newest, "ENCRYPTION_KEYS_PREVIOUS": TestNode.encryptionKey]
        let node = try await TestNode.make(settings: both)
        let column = try #require(node.product.features.flatMap(\.schema.sealed).first)
        #expect(try await column.reseal(with: node.services.keyRing, on: node.services.platform).count == 3)
        #expect(try await column.reseal(with: node.services.keyRing, on: node.services.platform).count == 0)
        await node.services.database.close()
        try await TestNode.serving(settings: ["ENCRYPTION_KEY": newest]) { server in
            let person = try await server.person()
            #expect(try header(of: person.accessToken)["alg"] == "ES256")
        }
    }

    private static let otherKey = "test_" + String(repeating: "0f1e2d3c4b5a6978", count: 4)

    private func standings(_ services: Services) async throws -> [String] {
        try await SigningKeyRotation.list(services).map { "\($0.id) \($0.status.rawValue)" }
    }

    /// The sentence with which it is refused.
    private func refusal(_ body: () async throws -> Void) async throws -> String {
        do {
            try await body()
            Issue.record("it was not refused")
            return ""
        } catch let problem as Problem {
            return problem.message
        }
    }

    @Test func `a standby that cannot be opened is not put in use, and nothing changes`() async throws {
        let other = try await TestNode.make(settings: ["ENCRYPTION_KEY": Self.otherKey])
        try await TestNode.serving { server in
            let services = server.node.services
            try await SigningKeyRotation.rotate(.es256, services)
            let standby = try await SigningKeyRotation.prepare(.es256, other.services)
            let before = try await standings(services)
            let sentence = try await refusal { try await SigningKeyRotation.rotate(nil, services) }
            #expect(sentence.contains(standby.id) && sentence.contains("nothing was changed"))
            #expect(sentence.contains("ENCRYPTION_KEYS_PREVIOUS"))
            #expect(try await standings(services) == before)
            _ = try await server.person()
            // Where it opens it is put in use.
            #expect(try await SigningKeyRotation.rotate(nil, other.services).id == standby.id)
        }
        await other.services.database.close()
    }

    @Test func `a standby whose halves do not belong together is not put in use`() async throws {
        try await TestNode.serving { server in
            let services = server.node.services
            try await SigningKeyRotation.rotate(.es256, services)
            try await SigningKeyRotation.prepare(.es256, services)
            try await services.platform.run(
                """
                update lean.signing_keys set public_jwk = (
                    select public_jwk from lean.signing_keys where status = 'in_use')
                where status = 'standby'
                """)
            let before = try await standings(services)
            _ = try await refusal { try await SigningKeyRotation.rotate(nil, services) }
            #expect(try await standings(services) == before)
        }
    }

    @Test func `an algorithm that the standby has not is refused, with what to do`() async throws {
        let node = try await TestNode.make()
        let standby = try await SigningKeyRotation.prepare(.edDSA, node.services)
        let before = try await standings(node.services)
        let sentence = try await refusal { try await SigningKeyRotation.rotate(.es256, node.services) }
        #expect(sentence.contains("EdDSA, not ES256") && sentence.contains("leansaas keys revoke \(standby.id)"))
        #expect(try await standings(node.services) == before)
        try await SigningKeyRotation.revoke(standby.id, node.services)
        #expect(try await SigningKeyRotation.rotate(.es256, node.services).algorithm == .es256)
        await node.services.database.close()
    }

    @Test func `a key is retired when its last token has expired, and erased`() async throws {
        try await TestNode.serving(settings: ["JWT_EXPIRY": "1h"]) { server in
            let services = server.node.services
            let old = try await SigningKeyRotation.rotate(.es256, services)
            let person = try await person(of: server, signedBy: old.id)
            #expect(
                try await refusal { try await SigningKeyRotation.retire(old.id, .atOnce, services) }.contains("in use"))
            try await SigningKeyRotation.rotate(.es256, services)
            let early = try await refusal { try await SigningKeyRotation.retire(old.id, .afterItsTokens, services) }
            #expect(early.contains("--force") && early.contains("may live until"))
            #expect(try await person.client.get("/auth/v1/user").status == 200)
            let owner = try await TestDatabase.current.pool(as: "lean_owner")
            try await owner.run(
                "update lean.signing_keys set retired_at = now() - interval '3650 s' where kid = \(old.id)")
            _ = try await refusal { try await SigningKeyRotation.retire(old.id, .afterItsTokens, services) }
            try await owner.run(
                "update lean.signing_keys set retired_at = now() - interval '3661 s' where kid = \(old.id)")
            try await SigningKeyRotation.retire(old.id, .afterItsTokens, services)
            let isErased: Bool = try await owner.one(
                "select private_key is null as is_erased from lean.signing_keys where kid = \(old.id)"
            ) { try $0["is_erased"] }
            #expect(isErased)
            await owner.close()
            try await until("its tokens are refused") { try await person.client.get("/auth/v1/user").status == 401 }
            let published = try await server.visitor.get("/.well-known/jwks.json").text
            #expect(!published.contains(old.id))
            #expect(
                try await refusal { try await SigningKeyRotation.retire(old.id, .atOnce, services) }.contains("already")
            )
            #expect(
                try await refusal { try await SigningKeyRotation.retire("none", .atOnce, services) }.contains("no such")
            )
        }
    }

    @Test func `a key is retired at once when that is asked for`() async throws {
        let node = try await TestNode.make()
        let old = try await SigningKeyRotation.rotate(.es256, node.services)
        try await SigningKeyRotation.rotate(.es256, node.services)
        try await SigningKeyRotation.retire(old.id, .atOnce, node.services)
        #expect(try await SigningKeyRotation.list(node.services).map(\.status) == [.inUse, .retired])
        await node.services.database.close()
    }
}
