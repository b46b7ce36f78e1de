import Logging
import Platform
import Postgres
import ServiceLifecycle

extension Node {
    /// Serves until SIGTERM or SIGINT: then takes no more connections, finishes what runs, and ends in at most 30 s.
    ///
    /// - Parameter onRunning: told the port once the server listens.
    package func serve(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        FileLimit.raise()
        let edge = configuration.server.edge
        let server = Server(
            product: product, services: services,
            settings: Server.Settings(
                host: configuration.server.listen.host, port: configuration.server.listen.port,
                security: edge.security, cors: edge.cors, slowSeconds: configuration.server.log.slowSeconds))
        // The last is stopped first: the server drains while everything that it needs still runs.
        let running = background.map { service in
            RunningService(name: service.name) { await service.run() }
        }
        let http = RunningService(name: "http", isGraceful: true) { try await server.run(onRunning: onRunning) }
        // Its own steps are of no interest to who reads ours.
        var log = services.log
        log.logLevel = max(log.logLevel, .notice)
        var group = ServiceGroupConfiguration(
            services: (running + [http]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        group.maximumGracefulShutdownDuration = .seconds(30)
        try await ServiceGroup(configuration: group).run()
        await services.database.close()
    }

    private var background: [(name: String, run: @Sendable () async -> Void)] {
        let notifications = Notifications(product.features.flatMap(\.subscriptions), services)
        let health = configuration.server.health
        var all: [(name: String, run: @Sendable () async -> Void)] = [
            ("notifications", { await notifications.run() }),
            (
                "health",
                {
                    await services.health.run(
                        product.checks, services, every: health.interval, timeout: health.timeout)
                }
            ),
        ]
        for service in product.features.flatMap(\.background) {
            all.append((service.name, { await service.run(services) }))
        }
        return all
    }
}

/// A part of the node as swift-service-lifecycle runs it.
private struct RunningService: Service {
    let name: String
    /// Whether it knows how to stop gracefully; otherwise its task is cancelled.
    var isGraceful = false
    let body: @Sendable () async throws -> Void

    func run() async throws {
        guard !isGraceful else { return try await body() }
        try await cancelWhenGracefulShutdown {
            try await body()
        }
    }
}
