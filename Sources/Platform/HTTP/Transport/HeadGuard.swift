import NIOCore
import NIOHTTP1

/// Refuses heads that two readers could understand differently, before anything else sees them: what a proxy in front of us
/// and we do not agree on is how requests are smuggled (RFC 9112, sections 3.2, 6.1 and 6.3).
final class HeadGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let phases: PhaseHandler
    private var isClosed = false

    init(_ phases: PhaseHandler) {
        self.phases = phases
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let framing = Framing(head)
        if let problem = framing.fault {
            isClosed = true
            return phases.refuse(problem, path: head.uri)
        }
        if framing.expectations > 0 {
            // The client waits for leave to send its body.
            let leave = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(leave)), promise: nil)
        }
        // Said in one way, for all who look at it above.
        if !head.isKeepAlive { head.headers.replaceOrAdd(name: "connection", value: "close") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
