import Testing

@testable import Features

/// Hashes by argon2.
@Suite struct Argon2HashTests {
    private static let salt = "c29tZXNhbHRzb21lc2FsdA"
    private static let key = "wZeUqErRQM9fr7+3IJVQyFsb5QPhYeqkXwNGZgBH/L4"

    @Test(
        arguments: [
            ("$argon2id$v=19$m=64,t=1,p=1$\(salt)$\(key)", "correct horse battery"),
            (
                "$argon2id$v=19$m=64,t=3,p=4$\(salt)$PMWtAW/PC/x27M4q/6LwX8rhZ6e4QgDOMnNlqumqADk",
                "correct horse battery"
            ),
            ("$argon2i$v=19$m=32,t=2,p=2$\(salt)$oJvoYoGrnFk4ZVNcygpwR9GAewoCwxDSazSPyMiSnSc", "correct horse battery"),
            // The vector of the reference implementation's own tests.
            (
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"
            ),
        ])
    func `hashes that others wrote are verified`(_ text: String, _ password: String) throws {
        let hash = PasswordHash(text: text)
        #expect(hash.isWellFormed)
        #expect(try hash.matches(password))
        #expect(try !hash.matches(password + "x"))
        #expect(try !hash.matches(""))
        #expect(try !hash.matches(String(repeating: "a", count: 1_000)))
    }

    @Test(
        arguments: [
            ("more memory", "$argon2id$v=19$m=262145,t=1,p=1$\(salt)$\(key)"),
            ("a terabyte", "$argon2id$v=19$m=4294967295,t=1,p=1$\(salt)$\(key)"),
            ("more than fits", "$argon2id$v=19$m=99999999999999999999,t=1,p=1$\(salt)$\(key)"),
            ("more passes", "$argon2id$v=19$m=64,t=21,p=1$\(salt)$\(key)"),
            ("much memory often", "$argon2id$v=19$m=262144,t=5,p=1$\(salt)$\(key)"),
            ("more lanes", "$argon2id$v=19$m=1024,t=1,p=17$\(salt)$\(key)"),
            ("too little memory for its lanes", "$argon2id$v=19$m=31,t=1,p=4$\(salt)$\(key)"),
            ("nothing at all", "$argon2id$v=19$m=0,t=0,p=0$\(salt)$\(key)"),
            ("a hash of four bytes", "$argon2id$v=19$m=64,t=1,p=1$\(salt)$AAAAAA"),
            ("no hash", "$argon2id$v=19$m=64,t=1,p=1$\(salt)$"),
            ("no salt", "$argon2id$v=19$m=64,t=1,p=1$$\(key)"),
            ("a salt of a byte", "$argon2id$v=19$m=64,t=1,p=1$AA$\(key)"),
            ("argon2d, which side channels read", "$argon2d$v=19$m=64,t=1,p=1$\(salt)$\(key)"),
            ("another version", "$argon2id$v=16$m=64,t=1,p=1$\(salt)$\(key)"),
            ("no version", "$argon2id$m=64,t=1,p=1$\(salt)$\(key)"),
            ("a negative figure", "$argon2id$v=19$m=-64,t=1,p=1$\(salt)$\(key)"),
            ("a sign", "$argon2id$v=19$m=+64,t=1,p=1$\(salt)$\(key)"),
            ("leading zeros", "$argon2id$v=19$m=064,t=1,p=1$\(salt)$\(key)"),
            ("another order", "$argon2id$v=19$t=1,m=64,p=1$\(salt)$\(key)"),
            ("a key's id", "$argon2id$v=19$m=64,t=1,p=1,keyid=AA$\(salt)$\(key)"),
            ("base64url", "$argon2id$v=19$m=64,t=1,p=1$\(salt)$wZeUqErRQM9fr7-3IJVQyFsb5QPhYeqkXwNGZgBH_L4"),
            ("padding", "$argon2id$v=19$m=64,t=1,p=1$\(salt)==$\(key)"),
            ("a part more", "$argon2id$v=19$m=64,t=1,p=1$\(salt)$\(key)$"),
            ("something before it", "x$argon2id$v=19$m=64,t=1,p=1$\(salt)$\(key)"),
        ])
    func `what would cost minutes, or could be matched by chance, is no hash`(_ name: String, _ text: String) throws {
        #expect(Argon2Hash(text) == nil, "\(name)")
        #expect(!PasswordHash(text: text).isWellFormed)
        #expect(try !PasswordHash(text: text).matches("correct horse battery"))
    }
}
