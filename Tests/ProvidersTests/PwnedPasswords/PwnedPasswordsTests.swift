import Providers
import TestKit
import Testing

/// Leaked passwords, looked up at Have I Been Pwned.
@Suite(.timeLimit(.minutes(10))) struct PwnedPasswordsTests {
    /// A time that a busy machine keeps.
    private static let patience: Duration = .seconds(30)

    private func with(
        _ body: (TestPwnedPasswords, PwnedPasswords) async throws -> Void
    ) async throws {
        let double = try await TestPwnedPasswords(leaked: ["P@ssw0rd", "correct horse battery staple"])
        try await body(double, PwnedPasswords(url: double.url, userAgent: "lean-saas/test", timeout: Self.patience))
        try await double.close()
    }

    @Test func `a leaked password is found, another is not, and no more than five digits of a hash are told`()
        async throws
    {
        try await with { (double, service) async throws in
            #expect(try await service.contain("P@ssw0rd"))
            #expect(try await service.contain("correct horse battery staple"))
            #expect(try await !service.contain("nine harmless whales"))
            #expect(try await !service.contain("p@ssw0rd"))
            // SHA-1 of `P@ssw0rd` begins with 21BD1: the example of the API's own documentation.
            #expect(double.prefixes.first == "21BD1")
            #expect(double.prefixes.allSatisfy { $0.utf8.count == 5 })
        }
    }

    @Test func `padding, which has a count of 0, is no leak`() async throws {
        try await with { (double, service) async throws in
            double.fail(.text("2DC183F740EE76F27B78EB39C8AD972A757:0\r\n" + String(repeating: "0", count: 35) + ":3"))
            #expect(try await !service.contain("P@ssw0rd"))
            double.fail(.text("2dc183f740ee76f27b78eb39c8ad972a757:1\n"))
            #expect(try await service.contain("P@ssw0rd"))
        }
    }

    @Test(
        arguments: [
            .status(429), .status(503), .status(404), .text(""), .text("<html>Sign in to the hotel</html>"),
            .text("2DC183F740EE76F27B78EB39C8AD972A757"), .text("2DC183F740EE76F27B78EB39C8AD972A757:many"),
            .text("2DC183F740EE76F27B78EB39C8AD972A757:-1"), .text("21BD12DC183F740EE76F27B78EB39C8AD972A757:1"),
            .silence, .text(String(repeating: "a line that never ends ", count: 20_000)),
        ] as [TestPwnedPasswords.Fault])
    func `what is no answer says neither yes nor no`(_ fault: TestPwnedPasswords.Fault) async throws {
        try await with { (double, service) async throws in
            double.fail(fault)
            let hasty = PwnedPasswords(url: double.url, userAgent: "lean-saas/test", timeout: .milliseconds(500))
            let begun = ContinuousClock.now
            let failure = await #expect(throws: PwnedPasswords.Failure.self) {
                _ = try await hasty.contain("P@ssw0rd")
            }
            #expect(ContinuousClock.now - begun < Self.patience)
            #expect(failure?.description.contains("21BD1") == false)
            #expect(failure?.description.contains("P@ssw0rd") == false)
            #expect(try await service.contain("P@ssw0rd"))
        }
    }

    @Test func `a service that is not there is told`() async throws {
        // Nobody listens at port 1.
        let gone = PwnedPasswords(url: "http://127.0.0.1:1", userAgent: "lean-saas/test")
        await #expect(throws: PwnedPasswords.Failure.self) { _ = try await gone.contain("P@ssw0rd") }
    }
}
