import Foundation
import Testing

@testable import Features

/// Common passwords.
@Suite struct CommonPasswordsTests {
    /// The list that the program's fingerprints were made from.
    private static func list() throws -> [String] {
        try Golden.text(at: "Tests/Lists/common-passwords.txt").split(separator: "\n").map { String($0) }
    }

    @Test func `Golden: the fingerprints of the list`() throws {
        let fingerprints = try Self.list().map { CommonPasswords.fingerprint(of: $0) }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        let source = """
            // Generated from Tests/Lists/common-passwords.txt by scripts/golden: do not edit.
            // swift-format-ignore-file

            enum CommonPasswordList {
                /// In order, without anything between them.
                static let fingerprints: StaticString = "\(fingerprints.joined())"
            }

            """
        try Golden.expect(source, at: "Sources/Features/SignIn/Passwords/CommonPasswordList.swift")
    }

    @Test func `each of the list is found, in small letters and in capital ones`() throws {
        let list = try Self.list()
        #expect(list.count { $0.count >= 8 } >= 10_000)
        #expect(list.filter { !CommonPasswords.contain($0) } == [])
        // Some letters have no capital that leads back to them.
        let capitals = list.filter { $0.uppercased().lowercased() == $0 }.map { $0.uppercased() }
        #expect(capitals.count > list.count - 50)
        #expect(capitals.filter { !CommonPasswords.contain($0) } == [])
    }

    @Test func `those that everybody would try are on it, and passphrases are not`() {
        for common in ["12345678", "password", "PassWord1", "ｐａｓｓｗｏｒｄ", "qwertyuiop", "iloveyou", "пароль", "aaaaaaaa"]
        {
            #expect(CommonPasswords.contain(common), "\(common)")
        }
        for good in ["", "correct horse battery", "nine harmless whales", "password of mine", "p", "\u{0}"] {
            #expect(!CommonPasswords.contain(good), "\(good)")
        }
    }

    @Test func `of 100,000 random passwords none is taken for one of them`() {
        var source = SystemRandomNumberGenerator()
        let found = (0..<100_000).filter { _ in CommonPasswords.contain("r\(source.next())x") }
        #expect(found.isEmpty)
    }
}
