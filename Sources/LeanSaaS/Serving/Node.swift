import Logging
import Platform
import Postgres
import Providers

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One running copy of the product: its services, its features and its server.
package struct Node: Sendable {
    package let product: Product
    package let services: Services
    let configuration: Configuration
    let redis: (any RedisStore)?

    /// Makes everything, connects nothing.
    init(_ configuration: Configuration, log: Logger, clock: WallClock = .system) throws {
        self.configuration = configuration
        let server = configuration.server
        product = try Product(configuration.features)
        redis = try server.redis.options.map { try Redis.store($0) }
        let build = Build(
            version: Version.number, number: Version.build, commit: Version.commit, stage: configuration.stage,
            started: clock.now(), project: configuration.basics.project)
        services = Services(
            product: product, apiURL: configuration.basics.apiURL, database: Database(server.database),
            listening: server.direct,
            tokens: TokenKeys(secret: configuration.basics.tokenSecret), keyRing: configuration.basics.keyRing,
            clock: clock, metrics: Metrics(), limits: server.limits, cache: server.cache, jobs: server.jobs,
            mail: try server.mail.mail(product, site: configuration.basics.appURL), log: log, build: build,
            settings: configuration.report,
            replica: server.replica.map { Replica($0, maximumLag: server.replicaLag) }, shared: redis,
            leaks: server.leaks)
        observe()
    }

    private func observe() {
        let database = services.database
        let replica = services.replica
        services.metrics.observe("database") {
            let reads = replica.map { Metrics.Sample("leansaas_database_replica_reads_total", Double($0.reads)) }
            return PoolSamples.of(await database.metrics()) + [reads].compactMap { $0 }
        }
        for gauge in product.features.flatMap(\.gauges) {
            services.metrics.observe("feature \(gauge.name)") { [services] in
                try await gauge.read(services)
            }
        }
        if let redis {
            services.metrics.observe("redis") { redis.figures.flatMap { RedisSamples.of($0.1, server: $0.server) } }
        }
    }

    /// Tells the audit log what it does not know yet, and ends the connections that were made.
    func close() async {
        do {
            try await services.events.flush(on: services.platform, log: services.log)
        } catch {
            services.log.error("the end of what happened is not in the audit log", metadata: ["cause": "\(error)"])
        }
        await redis?.shutDown()
        await services.database.close()
    }

    var migrations: [MigrationSet] {
        product.features.map { MigrationSet(feature: $0.name, $0.schema.migrations) }
    }

    /// Brings the schema up to date, and the tables that say what the features declare.
    package func migrate(_ settings: DatabaseSettings) async throws -> [String] {
        let applied = try await Migrator(settings, migrations).up()
        let owner = Database(settings)
        try await PermissionTable.write(product, on: owner)
        try await OpenJobKinds.write(product.jobs, on: owner)
        await owner.close()
        return applied
    }

    /// What is missing in the schema, seen under the platform's role: the server's own may not even look.
    package func pendingMigrations() async throws -> [String] {
        let exists: Bool = try await services.platform.one(
            "select to_regclass('lean.migrations') is not null as is_there"
        ) { try $0["is_there"] }
        guard exists else { return migrations.flatMap { set in set.migrations.map { "\(set.feature)/\($0.id)" } } }
        let applied = Set(
            try await services.platform.all("select feature || '/' || id as name from lean.migrations") { row in
                let name: String = try row["name"]
                return name
            })
        return migrations.flatMap { set in
            set.migrations.map { "\(set.feature)/\($0.id)" }.filter { !applied.contains($0) }
        }
    }
}

/// The pool's figures as metrics.
enum PoolSamples {
    static func of(_ pool: PoolMetrics) -> [Metrics.Sample] {
        var samples: [Metrics.Sample] = [
            .init("leansaas_database_connections_max", Double(pool.maximum)),
            .init("leansaas_database_connections_open", Double(pool.open)),
            .init("leansaas_database_connections_busy", Double(pool.busy)),
            .init("leansaas_database_waiting", Double(pool.waiting)),
            .init("leansaas_database_batches_total", Double(pool.batches)),
            .init("leansaas_database_failures_total", Double(pool.failures)),
            .init("leansaas_database_connections_made_total", Double(pool.connectionsMade)),
            .init("leansaas_database_connections_lost_total", Double(pool.connectionsLost)),
            .init("leansaas_database_connection_failures_total", Double(pool.connectionFailures)),
            .init("leansaas_database_timeouts_total", Double(pool.timeouts)),
            .init("leansaas_database_refusals_total", Double(pool.refusals)),
        ]
        for (name, histogram) in [("batch", pool.batchTimes), ("wait", pool.waitTimes)] {
            for share in [0.5, 0.95, 0.99] {
                samples.append(
                    .init("leansaas_database_\(name)_seconds", histogram.quantile(share), ["quantile": "\(share)"]))
            }
        }
        return samples
    }
}
