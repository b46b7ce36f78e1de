import AsyncHTTPClient
import Codecs
import Features
import LeanSaaS
import Logging
import Platform
import Postgres

/// Nodes of the product on the test's database.
package enum TestNode {
    package static let secret = "test_" + String(repeating: "0123456789abcdef", count: 4)

    package static let encryptionKey = "test_" + String(repeating: "fedcba9876543210", count: 4)

    /// What the tests' Resend signs with.
    package static let webhookSecret = "whsec_bGVhbi10ZXN0cy1yZXNlbmQtc2VjcmV0LTAxMjM="

    /// A node that serves nothing yet.
    ///
    /// - Parameter settings: variables beside the database's.
    package static func make(
        on database: TestDatabase = .current, settings: [String: String] = [:],
        features: @escaping FeatureList = Product.features, clock: WallClock = .system
    ) async throws -> Node {
        let environment = try await environment(on: database, settings)
        var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .critical
        return try Node(environment: environment, features: features, log: log, clock: clock)
    }

    /// The variables of a node on the database.
    private static func environment(
        on database: TestDatabase, _ settings: [String: String]
    ) async throws -> [String: String] {
        let environment = [
            "NODE_ENV": "test", "PORT": "0", "HOST": "127.0.0.1", "JWT_SECRET": secret, "ENCRYPTION_KEY": encryptionKey,
            "DATABASE_URL": try await database.pooledURL(as: "authenticator"),
            "DATABASE_DIRECT_URL": try await database.url(as: "authenticator"),
            "DATABASE_POOLER": TestCluster.pooler == nil ? "none" : "transaction",
            "DATABASE_MIGRATION_URL": try await database.url(as: "lean_owner"),
            "DATABASE_MAX_CONNECTIONS": "6",
            "HEALTH_CHECK_INTERVAL": "200", "RESEND_WEBHOOK_SECRET": webhookSecret,
        ]
        return environment.merging(settings) { $1 }
    }

    /// The program on the test's database.
    package static func program(settings: [String: String] = [:]) async throws -> Program {
        Program(try await environment(on: .current, settings))
    }

    /// Serves a node for the length of `body`.
    package static func serving<Value: Sendable>(
        on database: TestDatabase = .current, settings: [String: String] = [:],
        features: @escaping FeatureList = Product.features, clock: WallClock = .system,
        _ body: @escaping @Sendable (TestServer) async throws -> Value
    ) async throws -> Value {
        let node = try await make(on: database, settings: settings, features: features, clock: clock)
        let (ports, feed) = AsyncStream<Int>.makeStream()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await node.serve { feed.yield($0) }
                return nil
            }
            group.addTask {
                let port = try await within("the node listens", limit: .seconds(60)) { await ports.first { _ in true } }
                guard let port else { return nil }
                return try await body(TestServer(node: node, port: port))
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}

/// A node that listens, and how tests talk to it.
package struct TestServer: Sendable {
    package let node: Node
    package let port: Int
    /// What the node's own description promises: each answer that tests get is held against it.
    package let declared: Declared

    init(node: Node, port: Int) {
        self.node = node
        self.port = port
        declared = Declared(node.product)
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var visitor: TestClient { TestClient(server: self, headers: [:]) }

    /// A client with the service_role key.
    package func service() async throws -> TestClient {
        let token = try await node.services.tokens.sign(["role": "service_role", "exp": 4_000_000_000])
        return TestClient(server: self, headers: ["authorization": "Bearer \(token)"])
    }
}
