import Codecs
import Features
import HTTPTypes
import NIOHTTP1
import Platform
import Postgres
import TestKit
import Testing

/// Every route asked by every kind of caller, first with no input and then with the input that the docs show. What is expected
/// follows from the route's access rule, so a new route is covered at once, and one whose rule is not known here fails. So does
/// an answer that the description does not declare: `TestClient` looks at each.
@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct AccessMatrixTests {
    /// A stranger comes before the members: what a member deletes cannot be kept from anybody any more.
    enum Who: String, CaseIterable, Sendable {
        case visitor, anonKey, service, stranger, `operator`, reader, member, owner
    }

    enum Expected: Equatable {
        case admitted
        case refused(Int)
    }

    /// Of a role in the organization that the caller acts for.
    private static func role(_ who: Who) -> OrganizationRole? {
        switch who {
        case .visitor, .anonKey, .service: nil
        case .stranger, .operator, .owner: .owner
        case .member: .member
        case .reader: .readonly
        }
    }

    static func expected(_ route: Route, _ who: Who) -> Expected? {
        if route.accessName == "public" { return .admitted }
        guard who != .visitor, who != .anonKey else { return .refused(401) }
        switch route.accessName {
        case "signed in":
            return who == .service ? .refused(403) : .admitted
        case "operator":
            return who == .operator ? .admitted : .refused(403)
        case "service key":
            return who == .service ? .admitted : .refused(403)
        case "administrator":
            return who == .service || who == .operator ? .admitted : .refused(403)
        default:
            guard let permission = route.permission else { return nil }
            let has = role(who).map { permission.roles.contains($0) } ?? false
            return has ? .admitted : .refused(403)
        }
    }

    @Test func `every route admits and refuses as its access says, and shows nobody another organization's things`()
        async throws
    {
        try await TestNode.serving { server in
            let scene = try await MatrixScene(server)
            for route in server.node.product.routes {
                for who in Who.allCases {
                    let name = "\(route.method.rawValue) \(route.path) as \(who.rawValue)"
                    let expected = try #require(Self.expected(route, who), "\(name): no expectation")
                    let bare = try await scene.send(route, as: who, filled: false)
                    check(bare, route, who, expected, name)
                    let filled = try await scene.send(route, as: who, filled: true)
                    check(filled, route, who, expected, name)
                    checkSecrets(filled, route, who, scene, name)
                }
            }
        }
    }

    private func check(_ answer: TestAnswer, _ route: Route, _ who: Who, _ expected: Expected, _ name: String) {
        switch expected {
        case .refused(let status):
            #expect(answer.status == status, "\(name): \(answer.text.prefix(200))")
        case .admitted:
            #expect(answer.status != 405, "\(name): \(answer.text.prefix(200))")
            // Where one signs in, wrong credentials of the input are told by 401 too.
            let isSigningIn = route.accessName == "public" && route.fails.contains { $0.status == 401 }
            if !isSigningIn { #expect(answer.status != 401, "\(name): \(answer.text.prefix(200))") }
            #expect(answer.status < 500, "\(name): \(answer.text.prefix(200))")
            if who != .operator, who != .stranger, route.permission == nil {
                #expect(answer.status != 403, "\(name): \(answer.text.prefix(200))")
            }
        }
        // What every answer has, whoever asked.
        #expect(answer.header("x-content-type-options") == "nosniff", "\(name)")
        #expect(answer.header("x-frame-options") == "DENY", "\(name)")
        #expect(answer.header("x-request-id") != nil, "\(name)")
        #expect(answer.header("server") == nil, "\(name)")
        #expect(answer.header("x-powered-by") == nil, "\(name)")
    }

    /// The filled input names things of the owner's organization: who is not of it may not learn or change any.
    private func checkSecrets(_ answer: TestAnswer, _ route: Route, _ who: Who, _ scene: MatrixScene, _ name: String) {
        guard ![.member, .reader, .owner].contains(who) else { return }
        #expect(!answer.text.contains(scene.secret), "\(name) shows another organization's note")
        #expect(!answer.text.contains(scene.organization.text), "\(name) shows another organization's id")
        guard route.inputs.contains(where: { $0.schema.format == "uuid" }), who == .stranger || who == .operator else {
            return
        }
        // Administrators act on every account.
        guard route.accessName != "administrator" else { return }
        #expect([400, 403, 404].contains(answer.status), "\(name): \(answer.status) for another organization's thing")
    }
}
