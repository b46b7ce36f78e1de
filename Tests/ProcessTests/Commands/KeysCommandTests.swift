import Platform
import Postgres
import TestKit
import Testing

/// `leansaas keys`, as an operator types it: what it says, and the status that scripts look at.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct KeysCommandTests {
    private static let otherKey = "test_" + String(repeating: "0f1e2d3c4b5a6978", count: 4)

    /// The id with which a line of output begins.
    private func id(_ outcome: Program.Outcome) throws -> String {
        let id = try #require(outcome.lines.first?.split(separator: " ").first)
        return String(id)
    }

    private func succeeds(_ outcome: Program.Outcome, _ lines: [String]) {
        #expect(outcome.status == 0)
        #expect(outcome.lines == lines)
        #expect(outcome.complaint == "")
    }

    private func fails(_ outcome: Program.Outcome, _ parts: String...) {
        #expect(outcome.status == 1)
        #expect(outcome.output == "")
        for part in parts { #expect(outcome.complaint.contains(part), "\(outcome.complaint)") }
    }

    @Test func `keys are made, listed, rotated, revoked and retired`() async throws {
        let leansaas = try await TestNode.program()
        succeeds(
            try await leansaas.run("keys", "list"),
            ["JWT_SECRET signs (HS256); `leansaas keys rotate` makes a key pair."])
        let first = try await leansaas.run("keys", "rotate")
        let one = try id(first)
        succeeds(first, ["\(one)  ES256  in use"])
        fails(try await leansaas.run("keys", "revoke", one), "It is in use: `leansaas keys rotate` first.")
        fails(try await leansaas.run("keys", "retire", one, "--force"), "It is in use: `leansaas keys rotate` first.")

        let standby = try await leansaas.run("keys", "standby", "--algorithm", "EdDSA")
        let two = try id(standby)
        succeeds(standby, ["\(two)  EdDSA  standby"])
        fails(try await leansaas.run("keys", "standby"), "A standby key is there already; `leansaas keys rotate`")
        fails(
            try await leansaas.run("keys", "rotate", "--algorithm", "RS256"),
            "The standby key \(two) is EdDSA, not RS256",
            "nothing was changed", "leansaas keys revoke \(two)")
        succeeds(try await leansaas.run("keys", "list"), ["\(two)  EdDSA  standby", "\(one)  ES256  in_use"])
        succeeds(try await leansaas.run("keys", "rotate", "--algorithm", "EdDSA"), ["\(two)  EdDSA  in use"])

        fails(try await leansaas.run("keys", "retire", one), "may live until", "--force")
        succeeds(try await leansaas.run("keys", "retire", one, "--force"), ["\(one)  retired"])
        fails(try await leansaas.run("keys", "retire", one), "It is retired already.")
        succeeds(try await leansaas.run("keys", "list"), ["\(two)  EdDSA  in_use", "\(one)  ES256  retired"])
        fails(try await leansaas.run("keys", "revoke", "nobody"), "There is no such key.")
        fails(try await leansaas.run("keys", "revoke", "' or true --"), "There is no such key.")
    }

    @Test func `a standby that another ENCRYPTION_KEY sealed stays where it is`() async throws {
        let leansaas = try await TestNode.program()
        let other = try await TestNode.program(settings: ["ENCRYPTION_KEY": Self.otherKey])
        let standby = try id(try await other.run("keys", "standby"))
        fails(
            try await leansaas.run("keys", "rotate"), "The standby key \(standby) cannot be opened",
            "ENCRYPTION_KEYS_PREVIOUS",
            "leansaas keys revoke \(standby)")
        succeeds(try await leansaas.run("keys", "list"), ["\(standby)  ES256  standby"])
        succeeds(try await other.run("keys", "rotate"), ["\(standby)  ES256  in use"])
    }

    @Test func `without ENCRYPTION_KEY no pair is made, and what lacks is said`() async throws {
        let leansaas = try await TestNode.program(settings: ["ENCRYPTION_KEY": ""])
        fails(try await leansaas.run("keys", "rotate"), "ENCRYPTION_KEY")
        fails(try await leansaas.run("keys", "reseal"), "ENCRYPTION_KEY")
    }

    @Test func `resealing names what does not open, seals the rest, and exits 1`() async throws {
        let leansaas = try await TestNode.program()
        let lost = try await TestNode.program(settings: ["ENCRYPTION_KEY": Self.otherKey])
        let one = try id(try await leansaas.run("keys", "rotate"))
        let two = try id(try await lost.run("keys", "standby"))
        let newest = "test_" + String(repeating: "8796a5b4c3d2e1f0", count: 4)
        let new = try await TestNode.program(
            settings: ["ENCRYPTION_KEY": newest, "ENCRYPTION_KEYS_PREVIOUS": TestNode.encryptionKey])
        let outcome = try await new.run("keys", "reseal")
        #expect(outcome.status == 1)
        #expect(outcome.lines == ["lean.signing_keys.private_key  1 sealed anew"])
        let told = outcome.complaint
        #expect(told.contains("lean.signing_keys.private_key  \(two) does not open"), "\(told)")
        #expect(!told.contains(one))
        let owner = try await TestDatabase.current.pool(as: "lean_owner")
        let sealed: [String] = try await owner.all("select private_key from lean.signing_keys") {
            try $0["private_key"]
        }
        await owner.close()
        #expect(sealed.count == 2)
        for secret in sealed + [newest, TestNode.encryptionKey, "PRIVATE KEY"] {
            #expect(!(outcome.output + told).contains(secret))
        }
        let all = try await TestNode.program(
            settings: [
                "ENCRYPTION_KEY": newest, "ENCRYPTION_KEYS_PREVIOUS": "\(TestNode.encryptionKey), \(Self.otherKey)",
            ])
        succeeds(try await all.run("keys", "reseal"), ["lean.signing_keys.private_key  1 sealed anew"])
        succeeds(try await all.run("keys", "reseal"), ["lean.signing_keys.private_key  0 sealed anew"])
    }

    @Test func `an algorithm that is none of ours is refused before anything is done`() async throws {
        let leansaas = try await TestNode.program()
        for name in ["HS256", "none", "es256"] {
            let outcome = try await leansaas.run("keys", "rotate", "--algorithm", name)
            #expect(outcome.status == 64)
            #expect(outcome.complaint.contains("algorithm"))
        }
        #expect(try await leansaas.run("keys", "list").lines.count == 1)
    }
}
