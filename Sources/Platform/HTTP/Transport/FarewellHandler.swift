import NIOCore
import NIOHTTP2

/// Sent through all connections when the server begins to end.
struct ServerEnds: Sendable {}

/// Ends an HTTP/2 connection without refusing a stream (RFC 9113, 6.8).
///
/// NIO's handler refuses all streams that come after its own GOAWAY, also those that the client began before it had read it; a
/// client that does not try again would see them fail. So the first GOAWAY, which names no last stream, is written past the
/// handler, and a PING after it. Its acknowledgement tells that the client has read both; from then on it begins no stream, and
/// the handler may say goodbye.
///
/// It stands between that handler and Hummingbird's, and sees when the latter closes the connection.
final class FarewellHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private enum State {
        case serving
        /// The PING with these data is not acknowledged yet.
        case told(HTTP2PingData)
        case ending
    }

    private let wire: QuietWatch
    private var state = State.serving

    init(_ wire: QuietWatch) {
        self.wire = wire
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ServerEnds: tell()
        case is CloseWhenIdle: end(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .told(let ping) = state, case .ping(let data, ack: true) = unwrapInboundIn(data).payload, data == ping {
            end(context)
        }
        context.fireChannelRead(data)
    }

    /// Hummingbird's handler closes from within the write of the last stream's end, when nothing of that answer is flushed yet;
    /// what is not flushed is dropped. So the write ends first, and all that was written goes out before the connection closes.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.flush()
            bound.value.close(mode: mode, promise: promise)
        }
    }

    private func tell() {
        guard case .serving = state else { return }
        let number = UInt64.random(in: .min ... .max)
        state = .told(HTTP2PingData(withInteger: number))
        wire.send(Self.goAway + Self.ping(number))
    }

    private func end(_ context: ChannelHandlerContext) {
        if case .ending = state { return }
        state = .ending
        context.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    /// 8 bytes of payload, type 7, stream 0; the highest stream there can be, NO_ERROR.
    private static let goAway: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    /// 8 bytes of payload, type 6, stream 0.
    private static func ping(_ number: UInt64) -> [UInt8] {
        [0, 0, 8, 6, 0, 0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
