import Codecs
import Features
import HTTPTypes
import NIOHTTP1
import Platform
import TestKit
import Testing

/// Every route asked by every kind of caller. The table below says what each is answered; a route that it does not name
/// fails the test, so a new one is thought about.
@Suite(.freshDatabase) struct AccessMatrixTests {
    private enum Who: String, CaseIterable, Sendable {
        case visitor, member, reader, stranger, service
    }

    /// Statuses for visitor, member, reader (a member without the permission to write), stranger (a member of another
    /// organization) and the service key, when sent with no input.
    private static let expected: [String: [Int]] = [
        "GET /functions/v1/core_health-check": [200, 200, 200, 200, 200],
        "GET /functions/v1/core_version": [200, 200, 200, 200, 200],
        "GET /functions/v1/core_configuration": [200, 200, 200, 200, 200],
        "GET /livez": [200, 200, 200, 200, 200],
        "GET /readyz": [200, 200, 200, 200, 200],
        "GET /metrics": [200, 200, 200, 200, 200],
        "POST /auth/v1/signup": [400, 400, 400, 400, 400],
        "POST /auth/v1/token": [400, 400, 400, 400, 400],
        "GET /auth/v1/user": [401, 200, 200, 200, 403],
        "PUT /auth/v1/user": [401, 200, 200, 200, 403],
        "GET /auth/v1/settings": [200, 200, 200, 200, 200],
        "GET /auth/v1/health": [200, 200, 200, 200, 200],
        "GET /functions/v1/organizations_list": [401, 200, 200, 200, 403],
        "POST /functions/v1/organizations_create": [401, 400, 400, 400, 403],
        "POST /functions/v1/organizations_switch": [401, 400, 400, 400, 403],
        "GET /functions/v1/organizations_members": [401, 200, 200, 200, 403],
        "PUT /functions/v1/organizations_role": [401, 403, 403, 400, 403],
        "DELETE /functions/v1/organizations_member": [401, 403, 403, 400, 403],
        "GET /functions/v1/notes_list": [401, 200, 200, 200, 403],
        "GET /functions/v1/notes_read": [401, 400, 400, 400, 403],
        "POST /functions/v1/notes_write": [401, 400, 403, 400, 403],
        "PUT /functions/v1/notes_change": [401, 400, 403, 400, 403],
        "DELETE /functions/v1/notes_delete": [401, 400, 403, 400, 403],
        // Last, since it ends the sessions of whoever may call it.
        "POST /auth/v1/logout": [401, 204, 204, 204, 403],
    ]

    @Test func `every route answers every kind of caller as its access says`() async throws {
        try await TestNode.serving { server in
            let owner = try await server.person("olga")
            let clients: [Who: TestClient] = [
                .visitor: server.visitor,
                .member: try await server.person("mia", as: .member, in: owner.organization).client,
                .reader: try await server.person("rita", as: .readonly, in: owner.organization).client,
                .stranger: try await server.person("sam").client,
                .service: try await server.service(),
            ]
            try await untilReady(server)
            let routes = server.node.product.routes.sorted {
                !$0.path.hasSuffix("logout") && $1.path.hasSuffix("logout")
            }
            for route in routes {
                let name = "\(route.method.rawValue) \(route.path)"
                let statuses = try #require(Self.expected[name], "\(name) stands in no row of the matrix")
                for (who, status) in zip(Who.allCases, statuses) {
                    let client = try #require(clients[who])
                    let body: [UInt8]? = route.method == .get || route.method == .delete ? nil : Array("{}".utf8)
                    let answer = try await client.send(HTTPMethod(rawValue: route.method.rawValue), route.path, body)
                    #expect(answer.status == status, "\(name) as \(who.rawValue): \(answer.text.prefix(200))")
                    checkEdge(answer, name)
                }
            }
            #expect(Self.expected.count == routes.count, "a row of the matrix has no route")
        }
    }

    private func untilReady(_ server: TestServer) async throws {
        while try await server.visitor.get("/readyz").status != 200 { await Task.yield() }
    }

    /// What every answer has, whoever asked.
    private func checkEdge(_ answer: TestAnswer, _ name: String) {
        #expect(answer.header("x-content-type-options") == "nosniff", "\(name)")
        #expect(answer.header("x-frame-options") == "DENY", "\(name)")
        #expect(answer.header("x-request-id") != nil, "\(name)")
        #expect(answer.header("server") == nil, "\(name)")
        #expect(answer.header("x-powered-by") == nil, "\(name)")
    }
}
