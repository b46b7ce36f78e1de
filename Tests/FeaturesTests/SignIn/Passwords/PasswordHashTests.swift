import Testing

@testable import Features

@Suite("Password hashes")
struct PasswordHashTests {
    private static let cost = 4

    @Test("a password matches its own hash, and no other does")
    func ownPassword() throws {
        let hash = try PasswordHash.make("correct horse", cost: Self.cost)
        #expect(hash.text.hasPrefix("$2b$04$"))
        #expect(hash.text.utf8.count == 60)
        #expect(try hash.matches("correct horse"))
        #expect(try !hash.matches("correct horsf"))
        #expect(try !hash.matches("correct hors"))
        #expect(try !hash.matches(""))
    }

    @Test("the same password never gives the same hash")
    func salted() throws {
        let hashes = try (0..<5).map { _ in try PasswordHash.make("same", cost: Self.cost).text }
        #expect(Set(hashes).count == 5)
    }

    @Test("the cost stands in the hash")
    func cost() throws {
        #expect(try PasswordHash.make("x", cost: 5).text.hasPrefix("$2b$05$"))
        #expect(PasswordHash.decoy(cost: 10).text.hasPrefix("$2b$10$"))
    }

    @Test(
        "hashes that others wrote are verified",
        arguments: [
            // The vectors of Openwall's crypt_blowfish.
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
            ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
            (
                "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
            ),
            ("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", ""),
        ])
    func foreignHashes(_ text: String, _ password: String) throws {
        #expect(try PasswordHash(text: text).matches(password))
        #expect(try !PasswordHash(text: text).matches(password + "x"))
    }

    @Test("a salt whose last character has spare bits set still matches")
    func spareBits() throws {
        #expect(try PasswordHash(text: "$2a$05$CCCCCCCCCCCCCCCCCCCCC/E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW").matches("U*U"))
    }

    @Test("72 bytes are taken, 73 are refused and never cut")
    func length() throws {
        let longest = String(repeating: "a", count: 72)
        let hash = try PasswordHash.make(longest, cost: Self.cost)
        #expect(try hash.matches(longest))
        #expect(try !hash.matches(longest + "a"))
        #expect(try !hash.matches(String(repeating: "a", count: 71)))
        #expect(throws: PasswordHash.Failure.tooLong) { try PasswordHash.make(longest + "a", cost: Self.cost) }
        #expect(throws: PasswordHash.Failure.tooLong) {
            try PasswordHash.make(String(repeating: "é", count: 37), cost: Self.cost)
        }
    }

    @Test("U+0000 is refused, and ends no password early")
    func embeddedNUL() throws {
        #expect(throws: PasswordHash.Failure.containsNUL) { try PasswordHash.make("abc\u{0}def", cost: Self.cost) }
        #expect(try !PasswordHash.make("abc", cost: Self.cost).matches("abc\u{0}def"))
        #expect(try !PasswordHash.make("", cost: Self.cost).matches("\u{0}"))
    }

    @Test("letters beyond ASCII count by their bytes")
    func unicode() throws {
        let hash = try PasswordHash.make("pässwörd €𝄞", cost: Self.cost)
        #expect(try hash.matches("pässwörd €𝄞"))
        #expect(try !hash.matches("password €𝄞"))
    }

    @Test(
        "a malformed hash matches nothing",
        arguments: [
            "", "*0", "x", "$2b$", "U*U", "$1$salt$qJH7.N4xYta3aEG/dfqo/0", "plain text",
            "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
            "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW",
            "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2b$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            "$2b$05$CCCCCCCCCCCCCCCCCCCCC!E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            " $2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        ])
    func malformed(_ text: String) throws {
        #expect(try !PasswordHash(text: text).matches("U*U"))
        #expect(try !PasswordHash(text: text).matches(""))
    }

    @Test("a decoy is well formed, is another each time, and matches nothing one would try")
    func decoy() throws {
        let decoy = PasswordHash.decoy(cost: Self.cost)
        #expect(decoy.text.utf8.count == 60)
        #expect(decoy != PasswordHash.decoy(cost: Self.cost))
        #expect(try !decoy.matches(""))
        #expect(try !decoy.matches("password"))
    }

    @Test("what cannot match costs as much as what could: a decoy, a password too long, one with U+0000")
    func sameWork() throws {
        let cost = 10
        let real = try time(PasswordHash.make("right", cost: cost), "wrong")
        let others = [
            try time(PasswordHash.decoy(cost: cost), "wrong"),
            try time(PasswordHash.make("right", cost: cost), String(repeating: "a", count: 1_000)),
            try time(PasswordHash.make("right", cost: cost), "a\u{0}"),
            try time(PasswordHash(text: ""), "wrong"),
        ]
        // Far below noise, far above no work at all.
        for other in others { #expect(other > real / 4) }
    }

    private func time(_ hash: PasswordHash, _ password: String) throws -> Duration {
        // The fastest of three: what the machine does besides only ever adds.
        let times = try (0..<3).map { _ in
            try ContinuousClock().measure {
                let matches = try hash.matches(password)
                #expect(!matches)
            }
        }
        return try #require(times.min())
    }
}
