import HTTPTypes
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import NIOTLS

/// A connection whose handlers stand, and which may be served.
enum ReadyConnection: Sendable {
    case http1(HTTP1Channel, HTTP1Channel.Value)
    case http2(HTTP2Channel, HTTP2Channel.Value)
}

/// Puts the handlers of a connection together: TLS and the choice of protocol, HTTP, the guard of heads, the phases.
struct ConnectionSetup: Sendable {
    /// Makes what answers the requests of one connection.
    typealias Responding = @Sendable (any Channel) -> HTTPChannelHandler.Responder

    private let rules: ConnectionRules
    private let sweeps: Sweep.All
    private let http1: HTTP1Channel.Configuration
    private let http2: HTTP2ChannelConfiguration
    private let log: Logger
    private let responding: Responding

    /// - Parameters:
    ///   - responding: is asked once for each connection; what it gives writes the answer to a request.
    ///   - headLimit: most bytes of a head.
    ///   - drain: how long an HTTP/2 connection may finish its streams.
    init(
        rules: ConnectionRules, sweeps: Sweep.All, headLimit: Int, drain: Duration, log: Logger,
        responding: @escaping Responding
    ) {
        self.responding = responding
        self.rules = rules
        self.sweeps = sweeps
        self.log = log
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: headLimit, maxHeaderListSize: headLimit, maxHeaderFieldCount: 100)
        http1 = HTTP1Channel.Configuration(httpDecoderConfiguration: decoder)
        var settings = HTTP2ChannelConfiguration(
            idleTimeout: rules.limits.idle, gracefulCloseTimeout: max(drain, rules.limits.request),
            streamConfiguration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [StreamPhases(rules, sweeps)]))
        settings.maxAgeTimeout = .seconds(3_600)
        http2 = settings
    }

    /// HTTP/1.1 without TLS.
    func plain(_ channel: any Channel) -> EventLoopFuture<ReadyConnection> {
        setUpHTTP1(channel)
    }

    /// TLS, then what its handshake agrees on. A handshake has as long as a head.
    func secure(_ channel: any Channel, _ certificate: Certificate) -> EventLoopFuture<ReadyConnection> {
        do {
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<ReadyConnection> { result in
                switch result {
                case .negotiated("h2"): setUpHTTP2(channel)
                case .negotiated("http/1.1"), .fallback: setUpHTTP1(channel)
                case .negotiated: channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
                }
            }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
            try channel.pipeline.syncOperations.addHandler(negotiation)
            let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(rules.limits.head)) {
                channel.close(promise: nil)
            }
            negotiation.protocolNegotiationResult.whenComplete { _ in deadline.cancel() }
            return negotiation.protocolNegotiationResult
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    private func setUpHTTP1(_ channel: any Channel) -> EventLoopFuture<ReadyConnection> {
        let http1 = HTTP1Channel(responder: responding(channel), configuration: http1)
        return http1.setup(channel: channel, logger: log).flatMapThrowing { value in
            let handlers = channel.pipeline.syncOperations
            let codec = try handlers.handler(type: HTTP1ToHTTPServerCodec.self)
            let decoder = try handlers.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let phases = PhaseHandler(rules, sweep: sweeps.sweep(on: channel.eventLoop), isStream: false)
            try handlers.addHandler(phases, position: .after(codec))
            try handlers.addHandler(HeadGuard(phases), position: .before(codec))
            try handlers.addHandler(FirstByteHandler(phases), position: .before(decoder))
            return .http1(http1, value)
        }
    }

    private func setUpHTTP2(_ channel: any Channel) -> EventLoopFuture<ReadyConnection> {
        let http2 = HTTP2Channel(responder: responding(channel), configuration: http2)
        return http2.setup(channel: channel, logger: log).flatMapThrowing { value in
            let handlers = channel.pipeline.syncOperations
            let frames = try handlers.handler(type: NIOHTTP2Handler.self)
            let watch = QuietWatch(quiet: rules.limits.idle * 2, sweep: sweeps.sweep(on: channel.eventLoop))
            try handlers.addHandler(watch, position: .before(frames))
            try handlers.addHandler(FarewellHandler(watch), position: .after(frames))
            return .http2(http2, value)
        }
    }

    func serve(_ connection: ReadyConnection) async {
        switch connection {
        case .http1(let http1, let value): await http1.handle(value: value, logger: log)
        case .http2(let http2, let value): await http2.handle(value: value, logger: log)
        }
    }
}

/// The phases of an HTTP/2 stream, made when its channel is known: the loop it runs on says which sweep looks at it.
final class StreamPhases: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let rules: ConnectionRules
    private let sweeps: Sweep.All

    init(_ rules: ConnectionRules, _ sweeps: Sweep.All) {
        self.rules = rules
        self.sweeps = sweeps
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let phases = PhaseHandler(rules, sweep: sweeps.sweep(on: context.eventLoop), isStream: true)
        do {
            try context.pipeline.syncOperations.addHandler(phases, position: .after(self))
        } catch {
            context.close(promise: nil)
        }
    }
}
