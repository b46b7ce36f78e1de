import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The listening server: Hummingbird's HTTP/1.1 with our pipeline behind it.
package struct Server: Sendable {
    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        package var security: SecurityHeaders
        package var cors: CORS
        /// Most bytes of a request's body.
        package var bodyLimit: Int
        /// Most bytes of a request's head; an address that is longer is refused too.
        package var headLimit: Int
        /// A connection without traffic is closed after so long.
        package var idleTimeout: Duration
        /// Requests slower than this are logged as warnings; nil when ENABLE_PERFORMANCE_LOGGING is off.
        package var slowSeconds: Double?

        package init(
            host: String, port: Int, security: SecurityHeaders, cors: CORS, slowSeconds: Double?
        ) {
            self.host = host
            self.port = port
            self.security = security
            self.cors = cors
            self.slowSeconds = slowSeconds
            bodyLimit = 1_048_576
            headLimit = 32_768
            idleTimeout = .seconds(60)
        }
    }

    private let pipeline: Pipeline
    private let settings: Settings

    package init(product: Product, services: Services, settings: Settings) {
        self.settings = settings
        pipeline = Pipeline(
            routes: RouteTable(product.routes, metrics: services.metrics),
            authenticator: product.authenticator,
            services: services,
            edge: Edge(
                security: settings.security, cors: settings.cors, log: AccessLog(slowSeconds: settings.slowSeconds),
                bodyLimit: settings.bodyLimit)
        )
    }

    /// Serves until the task's graceful shutdown: then it takes no more connections and finishes what runs.
    ///
    /// - Parameter onRunning: told the port once it listens; with port 0 the system chose it.
    package func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        let security = settings.security
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: settings.headLimit, maxHeaderListSize: settings.headLimit, maxHeaderFieldCount: 100)
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [EdgeHeadersHandler(security)],
            idleTimeout: .nanoseconds(settings.idleTimeout.milliseconds * 1_000_000),
            httpDecoderConfiguration: decoder)
        let application = Application(
            responder: pipeline,
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { await onRunning($0.localAddress?.port ?? 0) },
            logger: pipeline.services.log
        )
        try await application.run()
    }
}
