import LeanSaaS
import Platform
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct NodeTests {
    @Test func `a node without the owner's URL sees that the schema is whole`() async throws {
        let node = try await TestNode.make()
        #expect(try await node.pendingMigrations() == [])
        await node.services.database.close()
    }

    @Test func `a node on an empty database names what is pending`() async throws {
        let owner = try await TestDatabase.current.pool(as: "postgres")
        try await owner.run("drop schema auth, lean cascade")
        await owner.close()
        let node = try await TestNode.make()
        #expect(try await node.pendingMigrations().contains("notes/001_create_notes"))
        await node.services.database.close()
    }

    @Test func `settings that do not fit keep a node from being made`() async throws {
        await #expect(throws: (any Error).self) {
            try await TestNode.make(settings: ["DATABASE_MAX_CONNECTIONS": "none"])
        }
    }
}
