import Logging
package struct Cluster: Sendable {
    package static func start(in directory: String, durable: Bool = true, logger: Logger) async throws -> Cluster { Cluster() }
    package func url(user: String, database: String) -> String { "postgresql://\(user)@/\(database)?host=/tmp/pgm" }
    package func stop() async throws {}
    package let adopted = false
}
