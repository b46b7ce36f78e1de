import Features
import LeanSaaS
import Platform
import Postgres
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Gives a test a database of its own: a clone of the migrated template, dropped afterwards.
///
///     @Test(.freshDatabase) func …() async throws { try await TestDatabase.current … }
package struct FreshDatabaseTrait: TestTrait, SuiteTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Self.gate.enter()
        do {
            try await provideDatabase(performing: function)
        } catch {
            await Self.gate.leave()
            throw error
        }
        await Self.gate.leave()
    }

    /// Each test may hold two nodes with a pool each: all at once would be more connections than a server takes.
    private static let gate = Gate(8)

    private func provideDatabase(performing function: @Sendable () async throws -> Void) async throws {
        let database = try await TestDatabase.make()
        do {
            try await TestDatabase.$current.withValue(database, operation: function)
        } catch {
            try await database.drop()
            throw error
        }
        try await database.drop()
    }
}

extension Trait where Self == FreshDatabaseTrait {
    package static var freshDatabase: Self { Self() }
}

/// One database of the test cluster.
package struct TestDatabase: Sendable {
    package let name: String

    @TaskLocal package static var current = TestDatabase(name: "postgres")

    private static let counter = Atomic<Int>(0)
    private static let template = Task { try await makeTemplate() }

    package func url(as user: String) async throws -> String {
        try await TestCluster.url(user: user, database: name)
    }

    /// A pool as the role, that nothing enters but the test.
    package func pool(as user: String) async throws -> Database {
        var settings = DatabaseSettings(url: try await pooledURL(as: user), maximumConnections: 4)
        settings.pooler = TestCluster.pooler == nil ? .none : .transaction
        return Database(settings)
    }

    /// The same without a pooler between, for tests of sessions and connections themselves.
    package func directPool(as user: String) async throws -> Database {
        Database(DatabaseSettings(url: try await url(as: user), maximumConnections: 4))
    }

    /// Through the pooler, when the tests run with one.
    package func pooledURL(as user: String) async throws -> String {
        let direct = try await url(as: user)
        return TestCluster.pooler.map { "postgresql://\(user)@/\(name)?host=\($0)&port=6432" } ?? direct
    }

    static func make() async throws -> TestDatabase {
        let template = try await template.value
        let number = counter.add(1, ordering: .relaxed).newValue
        let name = "test_\(getpid())_\(number)"
        try await administer("create database \(name) template \(template)")
        return TestDatabase(name: name)
    }

    func drop() async throws {
        try await Self.administer("drop database if exists \(name) with (force)")
    }

    /// Made anew by each process: its schema is the one of the code under test.
    private static func makeTemplate() async throws -> String {
        let name = "template_\(getpid())"
        try await dropLeftovers()
        try await administer("create database \(name)")
        let database = TestDatabase(name: name)
        let failures = try await Bootstrap.run(on: DatabaseSettings(url: try await database.url(as: "postgres")))
        precondition(failures.isEmpty, "the rights of tests: \(failures)")
        let node = try await TestNode.make(on: database)
        _ = try await node.migrate(DatabaseSettings(url: try await database.url(as: "lean_owner")))
        await node.services.database.close()
        return name
    }

    /// Databases of test processes that are no more.
    private static func dropLeftovers() async throws {
        let admin = Database(DatabaseSettings(url: try await TestCluster.url(user: "postgres", database: "postgres")))
        let names: [String] = try await admin.all(
            "select datname from pg_database where datname like 'test\\_%' or datname like 'template\\_%'"
        ) { try $0["datname"] }
        await admin.close()
        for name in names {
            let parts = name.split(separator: "_")
            guard parts.count > 1, let process = Int32(parts[1]), kill(process, 0) != 0 else { continue }
            try await administer("drop database if exists \(name) with (force)")
        }
    }

    private static func administer(_ script: String) async throws {
        try await Bootstrap.administer(
            script, on: DatabaseSettings(url: try await TestCluster.url(user: "postgres", database: "postgres")))
    }
}
