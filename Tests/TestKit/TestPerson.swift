import Codecs
import Platform
import Postgres
import Testing

/// Somebody who is signed in, made by the real verbs.
package struct TestPerson: Sendable {
    package let client: TestClient
    package let id: ID<Person>
    package let email: String
    package let organization: ID<Organization>
    package let accessToken: String
    package let refreshToken: String

    package static let password = "correct horse battery"
}

extension TestServer {
    /// Signs a new person up.
    ///
    /// - Parameter address: where from: three in an hour are let in, where limits are on.
    package func person(_ name: String = "ada", from address: String = "127.0.0.1") async throws -> TestPerson {
        let email = "\(name)-\(ID<Person>().text.prefix(8))@example.com"
        let answer = try await visitor.with("x-forwarded-for", address).post(
            "/auth/v1/signup", ["email": .string(email), "password": .string(TestPerson.password)])
        try #require(answer.status == 200, "sign-up: \(answer.text)")
        return try await person(from: answer, email: email)
    }

    /// Signs the person in once more: another session.
    package func again(_ person: TestPerson) async throws -> TestPerson {
        let answer = try await visitor.post(
            "/auth/v1/token?grant_type=password",
            ["email": .string(person.email), "password": .string(TestPerson.password)])
        try #require(answer.status == 200, "sign-in: \(answer.text)")
        return try await self.person(from: answer, email: person.email)
    }

    /// The same person, acting for an organization in which they have been given the role.
    package func person(
        _ name: String, as role: OrganizationRole, in organization: ID<Organization>
    ) async throws -> TestPerson {
        let person = try await person(name)
        try await node.services.platform.run(
            """
            insert into public.organization_members (organization_id, user_id, role)
            values (\(organization), \(person.id), \(role.rawValue))
            """)
        let answer = try await person.client.post(
            "/functions/v1/organizations_switch", ["organizationId": .string(organization.text)])
        try #require(answer.status == 200, "switch: \(answer.text)")
        return person
    }

    private func person(from answer: TestAnswer, email: String) async throws -> TestPerson {
        let json = try answer.json
        let token = try #require(json["access_token"]?.string)
        let payload = try #require(Base64URL.decode(token.split(separator: ".")[1]))
        let claims = try JSON(parsing: payload)
        return TestPerson(
            client: TestClient(server: self, headers: ["authorization": "Bearer \(token)"]),
            id: try #require(json["user"]?["id"]?.string.flatMap { ID($0) }), email: email,
            organization: try #require(claims["org_id"]?.string.flatMap { ID($0) }), accessToken: token,
            refreshToken: try #require(json["refresh_token"]?.string))
    }
}
