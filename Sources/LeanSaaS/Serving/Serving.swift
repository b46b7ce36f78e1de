import Logging
import Platform
import Postgres
import ServiceLifecycle
import UnixSignals

extension Node {
    /// Serves until SIGTERM, SIGINT or a successor: then it takes no more connections, finishes what runs, and ends.
    ///
    /// - Parameters:
    ///   - takesOver: whether the listening sockets are asked of the process that serves now, if there is one.
    ///   - onRunning: told the port once the server listens.
    package func serve(
        takesOver: Bool = false, onRunning: @escaping @Sendable (Int) async -> Void
    ) async throws {
        FileLimit.raise()
        let listen = configuration.server.listen
        let place = HandoverPlace(setting: listen.handoverSocket, port: listen.port)
        let predecessor = takesOver ? try await Predecessor.meet(at: place) : nil
        let sockets = try await Sockets.open(listen, inherited: predecessor?.sockets ?? [])
        defer { for socket in sockets { socket.close() } }
        let certificate = try await self.certificate()
        // Nobody is dismissed by a process that could not serve.
        if predecessor != nil { _ = try await services.platform.run("select 1") }

        let server = Server(product: product, services: services, settings: serverSettings)
        let port = sockets.first?.port ?? 0
        // A port that the system chose is nobody's to follow.
        let successor = listen.port == 0 ? nil : try Successor(at: place, of: sockets, log: services.log)
        let (successions, feed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (beginnings, begun) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let http = RunningService(name: "http", isGraceful: true) {
            do {
                try await predecessor?.pause()
            } catch {
                services.log.warning("the process before", metadata: ["cause": "\(error)"])
            }
            try await server.run(on: sockets, certificate: certificate) {
                if let predecessor, try await !predecessor.dismiss(from: place) {
                    services.log.warning("the process before had ended by itself")
                }
                begun.yield()
                await onRunning(port)
            }
        }
        let following = successor.map { successor in
            succession(successor, server, after: beginnings) { feed.yield() }
        }
        try await run(background(certificate, following) + [http], until: successions)
        await close()
    }

    private func certificate() async throws -> Certificate? {
        guard let files = configuration.server.listen.certificate else { return nil }
        return try await Certificate(files)
    }

    private var serverSettings: Server.Settings {
        let (edge, transport) = (configuration.server.edge, configuration.server.transport)
        var settings = Server.Settings(
            security: edge.security, cors: edge.cors, forwarding: transport.forwarding,
            compression: transport.compression)
        settings.secureURL = transport.secureURL
        settings.phases = transport.phases
        settings.connections = transport.connections
        settings.connections.total = min(settings.connections.total, FileLimit.connections)
        settings.drain = transport.drain
        settings.slowSeconds = configuration.server.log.slowSeconds
        return settings
    }

    /// The last is stopped first: the server drains while everything that it needs still runs.
    private func run(_ services: [RunningService], until successions: AsyncStream<Void>) async throws {
        // Its own steps are of no interest to who reads ours.
        var log = self.services.log
        log.logLevel = max(log.logLevel, .notice)
        var settings = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        // What runs has its own deadlines; a statement's is the longest.
        settings.maximumGracefulShutdownDuration = configuration.server.transport.drain + .seconds(30)
        let group = ServiceGroup(configuration: settings)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await _ in successions { await group.triggerGracefulShutdown() }
            }
            defer { tasks.cancelAll() }
            try await group.run()
        }
    }

    private func background(
        _ certificate: Certificate?, _ succession: RunningService?
    ) -> [RunningService] {
        let notifications = Notifications(
            product.features.flatMap(\.subscriptions) + [services.cache.subscription, services.jobs.subscription],
            services)
        let health = configuration.server.health
        var all = [
            RunningService(name: "notifications") { await notifications.run() },
            RunningService(name: "health") {
                await services.health.run(checks, services, every: health.interval, timeout: health.timeout)
            },
            RunningService(name: "limits") { await services.limits.run() },
            RunningService(name: "cache") { await services.cache.run(on: services.platform) },
            RunningService(name: "jobs") { await JobWorker(product.jobs, services).run() },
            RunningService(name: "hang-up") { await untilCancelled(certificate) },
        ]
        if services.events.isKept {
            all.append(
                RunningService(name: "audit") { await services.events.run(on: services.platform, log: services.log) })
        }
        if let replica = services.replica {
            all.append(RunningService(name: "replica") { await replica.run(behind: services.database) })
        }
        if let redis {
            all.append(RunningService(name: "redis") { await watchRedis(redis) })
        }
        if let succession { all.append(succession) }
        for service in product.features.flatMap(\.background) {
            all.append(RunningService(name: service.name) { await service.run(services) })
        }
        return all
    }

    /// The place is taken by a process that serves, not before: who stands there is what a successor goes by.
    private func succession(
        _ successor: Successor, _ server: Server, after beginnings: AsyncStream<Void>,
        onSuccession: @escaping @Sendable () -> Void
    ) -> RunningService {
        RunningService(name: "succession") {
            for await _ in beginnings { break }
            if await isFollowed(by: successor, server) { onSuccession() }
            // A service that returns ends the others: it waits for the end that it has asked for, or for another.
            try await gracefulShutdown()
        }
    }

    /// A place that cannot be had is no reason not to serve: it is told, and this process has no successor.
    private func isFollowed(by successor: Successor, _ server: Server) async -> Bool {
        do {
            return try await successor.takesOver(server)
        } catch is CancellationError {
            return false
        } catch {
            services.log.warning("no process can take over from this one", metadata: ["cause": "\(error)"])
            return false
        }
    }

    /// SIGHUP: the certificate's files are read anew.
    private func untilCancelled(_ certificate: Certificate?) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            do {
                try await certificate?.reload()
                services.log.notice(
                    certificate == nil ? "SIGHUP: nothing to read anew" : "SIGHUP: certificate read anew")
            } catch {
                services.log.error("the old certificate stays", metadata: ["cause": "\(error)"])
            }
        }
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
        do {
            try await cancelWhenGracefulShutdown {
                try await body()
            }
        } catch is CancellationError where Task.isShuttingDownGracefully {
            return  // It was asked to end, and did: no failure of the node.
        }
    }
}
