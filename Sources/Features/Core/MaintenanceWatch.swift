import Platform
import Postgres

/// Follows `lean.maintenance`, which `leansaas maintenance` writes: all nodes see it at once.
final class MaintenanceWatch: Sendable {
    /// MAINTENANCE_MODE: this node's own, whatever the table says.
    private let ownNotice: String?
    private let changes: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init(ownNotice: String?) {
        self.ownNotice = ownNotice
        // One signal that waits is as good as many: the table is read anew each time.
        (changes, feed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var subscription: Subscription {
        Subscription("lean_maintenance") { [feed] _ in
            feed.yield()
        } onGap: { [feed] in
            feed.yield()
        }
    }

    var service: BackgroundService {
        BackgroundService("maintenance") { [self] services in
            services.maintenance.set(ownNotice)
            for await _ in changes { await read(services) }
        }
    }

    /// A database that cannot be asked leaves things as they are; its return is told as a gap, which asks again.
    private func read(_ services: Services) async {
        do {
            let notice: String? = try await services.platform.first("select message from lean.maintenance") {
                try $0["message"]
            }
            services.maintenance.set(notice ?? ownNotice)
        } catch {
            services.log.warning("maintenance could not be read", metadata: ["cause": "\(error)"])
        }
    }
}

/// What `leansaas maintenance` does, on any node.
public enum MaintenanceSwitch {
    /// - Parameter message: 1 to 500 characters.
    public static func on(_ message: String, _ database: Database) async throws {
        try await database.run(
            """
            insert into lean.maintenance (message) values (\(message))
            on conflict (is_on) do update set message = excluded.message, since = now()
            """)
    }

    public static func off(_ database: Database) async throws {
        try await database.run("delete from lean.maintenance")
    }

    /// The message, or nil when the product is open.
    public static func status(_ database: Database) async throws -> String? {
        try await database.first("select message from lean.maintenance") { try $0["message"] }
    }
}
