import Codecs
import Features
import NIOHTTP1
import Platform
import TestKit
import Testing

/// What holds answers against the description has teeth, and what the description shows works.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct DeclaredTests {
    private static let undeclared = ProblemKind("NOBODY_TOLD", 409, "Nobody told of this.")

    private static func careless(_ read: inout SettingReader, _ basics: Basics) -> [Feature] {
        Product.features(&read, basics) + [
            Feature(
                name: "careless",
                functions: [
                    .get("refuses", .public, "Refuses") { (_: Call<Visitor, NoInput>) -> NoContent in
                        throw Problem(undeclared)
                    },
                    .get("strays", .public, "Answers another shape") { (_: Call<Visitor, NoInput>) in
                        Answer(["count": "three"] as JSON)
                    }.answers(.json(.record("Count", [("count", .integer)]))),
                    .get("makes", .public, "Answers another status") { (_: Call<Visitor, NoInput>) in
                        Answer(status: 202, [:] as JSON)
                    }.answers(.json(.object)),
                    .get("forgets", .public, "Forgets its header") { (_: Call<Visitor, NoInput>) in
                        Answer([:] as JSON)
                    }.answers(.json(.object).with(.apiVersion, "Never sent.")),
                ])
        ]
    }

    @Test(arguments: ["refuses", "strays", "makes", "forgets"])
    func `an answer that nobody declared fails the test that gets it`(_ name: String) async throws {
        try await TestNode.serving(features: Self.careless) { server in
            try await withKnownIssue {
                _ = try await server.visitor.get("/functions/v1/careless_\(name)")
            } matching: { issue in
                issue.comments.contains { $0.rawValue.contains("/functions/v1/careless_\(name): ") }
            }
        }
    }

    @Test func `every example of the docs does what it says when the right person sends it`() async throws {
        try await TestNode.serving { server in
            let scene = try await MatrixScene(server)
            for route in server.node.product.routes {
                let answer = try await scene.example(route)
                let expected = try #require(route.success?.status)
                #expect(answer.status == expected, "\(route.method.rawValue) \(route.path): \(answer.text.prefix(200))")
            }
        }
    }

    @Test func `TRACE is answered with the methods that the address takes`() async throws {
        try await TestNode.serving { server in
            let known = try await server.raw("TRACE /auth/v1/user?x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            #expect(known.hasPrefix("HTTP/1.1 405"))
            #expect(known.lowercased().contains("\r\nallow: get, put, head, options\r\n"), "\(known)")
            let unknown = try await server.raw("TRACE /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            #expect(unknown.hasPrefix("HTTP/1.1 405"))
        }
    }
}
