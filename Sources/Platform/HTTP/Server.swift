import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The listening server: sockets of ours, Hummingbird's HTTP/1.1 and HTTP/2 channels on them, our pipeline behind those.
package struct Server: Sendable {
    package struct Settings: Sendable {
        package var security: SecurityHeaders
        package var cors: CORS
        package var forwarding: Forwarding
        package var compression: Compression
        /// Where plain requests are sent, when they are not served (SSL_ENFORCE).
        package var secureURL: String?
        /// Most bytes of a request's body.
        package var bodyLimit = 1_048_576
        /// Most bytes of a request's head; an address that is longer is refused too.
        package var headLimit = 32_768
        package var phases = PhaseLimits()
        package var connections = ConnectionLimits()
        /// How long idle connections may stay when the server ends; the next answer of each is its last (HTTP_DRAIN_TIMEOUT).
        package var drain: Duration = .zero
        /// Requests slower than this are logged as warnings; nil when ENABLE_PERFORMANCE_LOGGING is off.
        package var slowSeconds: Double?

        package init(
            security: SecurityHeaders, cors: CORS, forwarding: Forwarding, compression: Compression
        ) {
            self.security = security
            self.cors = cors
            self.forwarding = forwarding
            self.compression = compression
        }
    }

    private let pipeline: Pipeline
    private let settings: Settings
    private let connections: Connections
    private let ending = Flag()
    private let doors = OpenDoors()

    package init(product: Product, services: Services, settings: Settings) {
        self.settings = settings
        connections = Connections(settings.connections, settings.forwarding)
        pipeline = Pipeline(
            routes: RouteTable(product.routes, metrics: services.metrics, limits: services.limits),
            authenticator: product.authenticator,
            services: services,
            edge: Edge(settings)
        )
        let connections = connections
        services.metrics.observe("http") {
            [
                .init("leansaas_http_connections_open", Double(connections.count)),
                .init("leansaas_http_connections_refused_total", Double(connections.refused)),
            ]
        }
    }

    /// Serves until the task's graceful shutdown: then it takes no more connections, gives each its last answer, and returns
    /// when all are closed.
    ///
    /// - Parameters:
    ///   - sockets: bound and listening; left open.
    ///   - certificate: what sockets of the scheme https show; needed when there is one.
    ///   - onRunning: told once connections are taken. When it throws the server ends as it would gracefully.
    package func run(
        on sockets: [ListeningSocket], certificate: Certificate?, onRunning: @escaping @Sendable () async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let sweeps = try await Sweep.All(group)
        let (accepted, feed) = AsyncStream<Accepted>.makeStream()
        do {
            for socket in sockets {
                let setup = setup(sweeps, isSecure: socket.scheme == .https)
                doors.add(try await open(socket, setup, certificate, feed, group))
            }
            try await serve(accepted, feed, onRunning)
        } catch {
            await close(sweeps)
            throw error
        }
        await close(sweeps)
    }

    /// Takes no more connections, and returns when that is so: those that come wait in the kernel's queue. Those that are open
    /// are served.
    package func pause() async { await doors.pause(pipeline.services.log) }

    /// Takes connections again.
    package func resume() async { await doors.resume(pipeline.services.log) }

    /// A connection and who knows how to serve it.
    private struct Accepted: Sendable {
        let connection: ReadyConnection
        let setup: ConnectionSetup

        /// Closes a connection that came after the end. NIO ends the process when the writer of a channel is dropped before it
        /// was finished, and finishing it is what serving does; on a closed channel that takes no time.
        func discard(_ channel: any Channel) {
            channel.close(promise: nil)
            Task { await setup.serve(connection) }
        }
    }

    private func setup(_ sweeps: Sweep.All, isSecure: Bool) -> ConnectionSetup {
        let routes = pipeline.routes
        let services = pipeline.services
        let answers = EdgeAnswers(
            security: settings.security, clock: services.clock, house: House(services.mail.letters)
        ) {
            routes.methods($0) ?? []
        }
        let rules = ConnectionRules(
            limits: settings.phases, answers: answers, metrics: pipeline.services.metrics, ending: ending)
        let pipeline = pipeline
        // Its own steps are of no interest to who reads ours.
        var log = pipeline.services.log
        log.logLevel = max(log.logLevel, .notice)
        return ConnectionSetup(
            rules: rules, sweeps: sweeps, headLimit: settings.headLimit, drain: settings.drain, log: log
        ) { channel in
            let peer = pipeline.edge.forwarding.peer(at: channel.remoteAddress, isSecure: isSecure)
            return { request, writer, _ in
                let response = await pipeline.respond(to: request, from: peer)
                try await writer.write(response: response.head, body: response.body)
            }
        }
    }

    private func open(
        _ socket: ListeningSocket, _ setup: ConnectionSetup, _ certificate: Certificate?,
        _ feed: AsyncStream<Accepted>.Continuation, _ group: any EventLoopGroup
    ) async throws -> any Channel {
        let (connections, ending) = (connections, ending)
        let bootstrap = ServerBootstrap(group: group)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                guard connections.admit(channel) else {
                    return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
                }
                let ready: EventLoopFuture<ReadyConnection>
                if let certificate, socket.scheme == .https {
                    ready = setup.secure(channel, certificate)
                } else {
                    ready = setup.plain(channel)
                }
                ready.whenComplete { result in
                    guard case .success(let connection) = result else { return channel.close(promise: nil) }
                    let accepted = Accepted(connection: connection, setup: setup)
                    guard case .enqueued = feed.yield(accepted) else { return accepted.discard(channel) }
                    if ending.isSet { channel.pipeline.fireUserInboundEventTriggered(ServerEnds()) }
                }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        return try await bootstrap.withBoundSocket(socket.duplicate()).get()
    }

    private func serve(
        _ accepted: AsyncStream<Accepted>, _ feed: AsyncStream<Accepted>.Continuation,
        _ onRunning: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await withDiscardingTaskGroup { serving in
                        for await one in accepted {
                            serving.addTask { await one.setup.serve(one.connection) }
                        }
                    }
                }
                do {
                    try await onRunning()
                    try await gracefulShutdown()
                } catch {
                    // Also who must not serve after all answers what it has taken.
                    await drain()
                    feed.finish()
                    throw error
                }
                await drain()
                feed.finish()
                try await group.waitForAll()
            }
        } onCancel: {
            feed.finish()
            connections.closeAll()
        }
    }

    // MARK: - The end

    /// No connection is cut off: what has been accepted is answered, and each answer says that it is the last. A client that
    /// keeps a connection idle may send a request at any moment, so idle ones stay for a while too.
    private func drain() async {
        ending.set()
        await doors.close(pipeline.services.log)
        connections.tell(ServerEnds())
        let (connections, patience) = (connections, settings.drain)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await Task.sleep(for: patience) } catch { return }
                connections.tell(CloseWhenIdle())
            }
            await connections.untilEmpty()
            group.cancelAll()
        }
    }

    private func close(_ sweeps: Sweep.All) async {
        doors.closeAtOnce()
        connections.closeAll()
        await sweeps.stop()
    }
}
