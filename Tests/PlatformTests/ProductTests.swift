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

    private struct Which: RequestInput {
        let id: ID<Person>
        static let input = Input<Which>(Field.id("id", "Which.").inPath, make: Which.init(id:))
    }

    private static func which(_ call: Call<Visitor, Which>) async throws -> NoContent { NoContent() }

    @Test func `a route reads just what its path has in braces`() {
        for (path, isGood) in [("/x/{id}", true), ("/x/{other}", false), ("/x", false), ("/x/{id}/{more}", false)] {
            let feature = Feature(name: "one", routes: [.get(path, .public, "X", Self.which).named("x")])
            do {
                _ = try Product([feature])
            } catch {
                #expect(error.description.contains("\(path) reads [\"{id}\"] of its path") == !isGood, "\(error)")
            }
        }
    }

    @Test func `a permission goes up from its least role`() {
        #expect(Self.open.roles == [.member, .admin, .owner])
    }
}
