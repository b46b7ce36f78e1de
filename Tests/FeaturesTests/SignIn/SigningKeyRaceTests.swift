import Codecs
import Features
import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

/// Key pairs that change while a node reads them.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct SigningKeyRaceTests {
    /// A token by the pair in use.
    private func token(_ services: Services) async throws -> String {
        try await SigningKeys().prepare(services)
        return try await services.tokens.signPersonal(["role": "authenticated", "exp": 4_000_000_000])
    }

    @Test func `keys that were read before a revocation are not installed after it`() async throws {
        let one = try await TestNode.make()
        let two = try await TestNode.make()
        let old = try await SigningKeyRotation.rotate(.es256, one.services)
        let token = try await token(one.services)
        try await SigningKeyRotation.rotate(.es256, one.services)

        let turnstile = Turnstile()
        let keys = SigningKeys { database in
            let found = try await StoredKey.live(on: database)
            await turnstile.pass()
            return found
        }
        let (told, feed) = AsyncStream<Void>.makeStream()
        // Told after the keys are: in the order of the list.
        let ear = Subscription("lean_signing_keys") { _ in
            feed.yield()
        } onGap: {
            feed.yield()
        }
        let listening = Task { await Notifications([keys.subscription, ear], two.services).run() }
        var hearing = told.makeAsyncIterator()
        await hearing.next()

        let verifying = Task { try await keys.verified(token, two.services) }
        await turnstile.untilHeld()
        try await SigningKeyRotation.revoke(old.id, one.services)
        await hearing.next()
        await turnstile.letOneThrough()
        await turnstile.untilHeld()
        #expect(!two.services.tokens.has(old.id), "what was read before the revocation is believed after it")
        await turnstile.open()
        await #expect(throws: TokenRefusal.unknownKey) { try await verifying.value }
        #expect(!two.services.tokens.has(old.id))

        listening.cancel()
        await listening.value
        await one.services.database.close()
        await two.services.database.close()
    }

    @Test func `made up keys and bad signatures make no readings, also without a lease`() async throws {
        let node = try await TestNode.make()
        try await SigningKeyRotation.rotate(.es256, node.services)
        let token = try await token(node.services)
        let turnstile = Turnstile()
        await turnstile.open()
        let keys = SigningKeys { database in
            await turnstile.pass()
            return try await StoredKey.live(on: database)
        }
        _ = try await keys.verified(token, node.services)
        let before = await turnstile.count
        let parts = token.split(separator: ".")
        let signature = Base64URL.encode([UInt8](repeating: 1, count: 64))
        let begun = ContinuousClock.now
        for number in 0..<1_000 {
            let header = Base64URL.encode(Array(#"{"alg":"ES256","kid":"made-up-\#(number)"}"#.utf8))
            await #expect(throws: TokenRefusal.unknownKey) {
                try await keys.verified("\(header).\(parts[1]).\(parts[2])", node.services)
            }
            // The id of a pair is public; its signature is not to be had.
            await #expect(throws: TokenRefusal.badSignature) {
                try await keys.verified("\(parts[0]).\(parts[1]).\(signature)", node.services)
            }
        }
        // Five at once, and two in a second.
        let bound = 5 + 2 * (Int((ContinuousClock.now - begun).components.seconds) + 1)
        #expect(await turnstile.count - before <= bound)
        await node.services.database.close()
    }

    @Test func `many tokens of a pair that is new here are all good, and read for together`() async throws {
        let one = try await TestNode.make()
        let two = try await TestNode.make()
        try await SigningKeyRotation.rotate(.es256, one.services)
        let token = try await token(one.services)
        let turnstile = Turnstile()
        let keys = SigningKeys { database in
            await turnstile.pass()
            return try await StoredKey.live(on: database)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await keys.verified(token, two.services) }
            await turnstile.untilHeld()
            for _ in 0..<200 { group.addTask { _ = try await keys.verified(token, two.services) } }
            await turnstile.open()
            try await group.waitForAll()
        }
        // Without a lease each asks once whether the pair still is good, with those who ask at the same time.
        #expect(await turnstile.count < 100)
        await one.services.database.close()
        await two.services.database.close()
    }

    @Test func `a revocation on one node is refused by the other within the lease`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                let old = try await SigningKeyRotation.rotate(.es256, one.node.services)
                let person = try await one.person()
                let there = TestClient(server: two, headers: person.client.headers)
                try await SigningKeyRotation.rotate(.es256, one.node.services)
                // Until it answers from memory, under its lease.
                for _ in 0..<20 { #expect(try await there.get("/auth/v1/user").status == 200) }
                try await SigningKeyRotation.revoke(old.id, one.node.services)
                // 50 ms by the lease, which the proof `two-nodes` measures on a machine that does nothing else.
                try await until("it is not believed any more", limit: .seconds(5)) {
                    try await there.get("/auth/v1/user").status != 200
                }
                #expect(try await there.get("/functions/v1/notes_list").status == 401)
                #expect(try await there.get("/auth/v1/user").status == 401)
            }
        }
    }

    @Test func `after a rotation on one node the other signs by the new pair, and both take both`() async throws {
        try await TestNode.serving { one in
            try await TestNode.serving { two in
                try await SigningKeyRotation.rotate(.es256, one.node.services)
                let before = try await two.person()
                let new = try await SigningKeyRotation.rotate(.edDSA, one.node.services)
                var after = before
                try await until("it signs by the new pair", limit: .seconds(10)) {
                    after = try await two.again(before)
                    return try header(of: after.accessToken)["kid"]?.string == new.id
                }
                #expect(try header(of: after.accessToken)["alg"] == "EdDSA")
                for server in [one, two] {
                    for person in [before, after] {
                        let client = TestClient(server: server, headers: person.client.headers)
                        #expect(try await client.get("/functions/v1/notes_list").status == 200)
                    }
                }
            }
        }
    }

    private func header(of token: String) throws -> JSON {
        try JSON(parsing: try #require(Base64URL.decode(token.split(separator: ".")[0])))
    }
}
