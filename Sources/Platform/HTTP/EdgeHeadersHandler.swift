import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Gives the security headers also to answers that the HTTP layer makes itself, as for a head that is too large.
final class EdgeHeadersHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let security: SecurityHeaders

    init(_ security: SecurityHeaders) {
        self.security = security
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Answers of the pipeline have a request id, and with it the rest.
        guard case .head(var head) = unwrapOutboundIn(data), head.headerFields[.requestID] == nil else {
            return context.write(data, promise: promise)
        }
        head.headerFields[.requestID] = RequestID.from(nil)
        for (name, value) in security.fields { head.headerFields[name] = value }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
