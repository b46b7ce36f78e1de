import Codecs
import Platform
import TestKit
import Testing

struct ProductTests {
    private static func verb(_ call: Call<Visitor, NoInput>) async throws -> NoContent { NoContent() }
    private static let open = Permission("sample:open", from: .member, "Open it")

    private static func guarded(_ call: Call<Principal, NoInput>) async throws -> NoContent { NoContent() }

    @Test func `a bad list of features says all of what is wrong`() throws {
        let features = [
            Feature(name: "one", needs: ["nobody"], functions: [.get("x", .public, "X", Self.verb)]),
            Feature(
                name: "one",
                functions: [.get("x", .public, "X", Self.verb), .get("y", .needs(Self.open), "Y", Self.guarded)]),
        ]
        do {
            _ = try Product(features)
            Issue.record("the list cannot be right")
        } catch {
            let text = error.description
            for fault in [
                "two features are named one", "one needs nobody, which must stand before it",
                "two routes are GET /functions/v1/one_x", "needs sample:open, which no feature declares",
                "exactly one feature must say how credentials become a caller",
            ] {
                #expect(text.contains(fault), "\(fault)")
            }
        }
    }

    @Test func `a permission goes up from its least role`() {
        #expect(Self.open.roles == [.member, .admin, .owner])
    }
}
