import Codecs
import Features
import HTTPTypes
import NIOHTTP1
import Platform
import Postgres
import TestKit
import Testing

/// An organization with members and a note, and people around it.
struct MatrixScene: Sendable {
    let organization: ID<Organization>
    let secret = "secret-\(ID<Person>().text)"
    private let server: TestServer
    private let owner: ID<Person>
    private let clients: [AccessMatrixTests.Who: TestClient]
    private let things: [String: JSON]
    /// Of letters that nobody has answered yet, by the route that they are for.
    private let letters: [String: [String: JSON]]

    init(_ server: TestServer) async throws {
        self.server = server
        let owner = try await server.person("olga")
        organization = owner.organization
        self.owner = owner.id
        let note = try await owner.client.post("/functions/v1/notes_write", ["title": .string(secret)])
        let victim = try await server.person("vic", as: .member, in: organization)
        things = [
            "id": try #require(try note.json["id"]), "organizationId": .string(organization.text),
            "personId": .string(victim.id.text), "user_id": .string(try await server.person("ulla").id.text),
        ]
        var letters: [String: [String: JSON]] = [:]
        for (route, reader, name) in [
            ("/auth/v1/verify", "letty@example.com", "token"), ("/account/code", "cody@example.com", "code"),
        ] {
            _ = try await server.visitor.post("/auth/v1/otp", ["email": .string(reader)])
            let code = try #require(try await server.letter(to: reader).code)
            letters[route] = ["email": .string(reader), name: .string(code)]
        }
        self.letters = letters
        let operatorPerson = try await server.person("oscar")
        try await server.node.services.platform.run(
            "update auth.users set is_super_admin = true where id = \(operatorPerson.id)")
        let anon = try await server.node.services.tokens.sign(["role": "anon", "exp": 4_000_000_000])
        clients = [
            .visitor: server.visitor, .anonKey: server.visitor.with("apikey", anon),
            .service: try await server.service(), .stranger: try await server.person("sam").client,
            .operator: operatorPerson.client,
            .reader: try await server.person("rita", as: .readonly, in: organization).client,
            .member: try await server.person("mia", as: .member, in: organization).client, .owner: owner.client,
        ]
        try await until("the node is ready") { try await server.visitor.get("/readyz").status == 200 }
    }

    /// - Parameter filled: with the docs' input, in which ids are those of the owner's things.
    func send(
        _ route: Route, as who: AccessMatrixTests.Who, filled: Bool, onlyRequired: Bool = true
    ) async throws -> TestAnswer {
        let (client, things) = try await caller(route, who)
        let method = HTTPMethod(rawValue: route.method.rawValue)
        for field in route.inputs where field.schema.format == "uuid" {
            try #require(
                things[field.name] != nil, "\(route.path): say what \(field.name) names in the owner's organization")
        }
        let takesBody = route.inputs.contains { $0.place == .body } || [.post, .put, .patch].contains(route.method)
        // An input of the path has to be something.
        if let raw = route.rawBody, filled { return try await Svix().send(raw.example, to: route.path, client) }
        let bare = route.path.replacing(/\{\w+\}/, with: "nothing")
        guard filled else { return try await client.send(method, bare, takesBody ? Array("{}".utf8) : nil) }
        var path = Self.real(things, Samples.object(route.inputs, in: .path, onlyRequired: true)).reduce(route.path) {
            $0.replacing("{\($1.key)}", with: $1.value.string ?? "")
        }
        let query = Self.real(things, Samples.object(route.inputs, in: .query, onlyRequired: onlyRequired))
        if !query.isEmpty {
            path += "?" + query.map { "\($0.key)=\($0.value.string ?? $0.value.text)" }.joined(separator: "&")
        }
        var body = Self.real(things, Samples.object(route.inputs, in: .body, onlyRequired: onlyRequired))
        if !onlyRequired { for (key, value) in letters[route.path] ?? [:] { body[key] = value } }
        return try await client.send(method, path, takesBody ? JSON.object(body).encoded() : nil)
    }

    /// The whole example that the docs show, sent by whom the route is for.
    func example(_ route: Route) async throws -> TestAnswer {
        let who: AccessMatrixTests.Who =
            switch route.accessName {
            case "service key", "administrator": .service
            case "operator": .operator
            default: .owner
            }
        return try await send(route, as: who, filled: true, onlyRequired: false)
    }

    /// Who sends it, and what its ids name. Where a session or an account ends, it is that of somebody new, so that the
    /// callers are there for the other routes.
    private func caller(
        _ route: Route, _ who: AccessMatrixTests.Who
    ) async throws -> (client: TestClient, things: [String: JSON]) {
        var things = things
        if route.inputs.contains(where: { $0.name == "sessionId" }) {
            things["sessionId"] = .string(try await session().text)
        }
        let ends = route.path.hasSuffix("/logout") || route.method == .delete && route.path.hasSuffix("/profile")
        guard ends, ![.visitor, .anonKey, .service].contains(who) else { return (try #require(clients[who]), things) }
        let person = try await server.person("eve")
        things["confirmEmail"] = .string(person.email)
        return (person.client, things)
    }

    /// Another session of the owner's.
    private func session() async throws -> ID<Session> {
        let id = ID<Session>()
        try await server.node.services.platform.run(
            "insert into auth.sessions (id, user_id, created_at) values (\(id), \(owner), now())")
        return id
    }

    private static func real(_ things: [String: JSON], _ sample: JSONObject) -> JSONObject {
        var object = sample
        for (key, _) in sample { if let thing = things[key] { object[key] = thing } }
        return object
    }
}
