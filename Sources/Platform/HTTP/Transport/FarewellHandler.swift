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
final class FarewellHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame

    private enum State {
        case serving
        /// The PING with these data is not acknowledged yet.
        case told(HTTP2PingData)
        case ending
    }

    private let wire: QuietWatch
    private var state = State.serving
    /// The acknowledgement stood in what is being read.
    private var isAcknowledged = false

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
            isAcknowledged = true
        }
        context.fireChannelRead(data)
    }

    /// A request may stand before the acknowledgement in one read. Its stream has not seen the head yet, and would be closed as an
    /// idle one: the end waits until all that was read has arrived.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        guard isAcknowledged else { return }
        isAcknowledged = false
        let (channel, isFirst) = (context.channel, markEnding())
        if isFirst {
            context.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        }
    }

    private func tell() {
        guard case .serving = state else { return }
        let number = UInt64.random(in: .min ... .max)
        state = .told(HTTP2PingData(withInteger: number))
        wire.send(Self.goAway + Self.ping(number))
    }

    private func end(_ context: ChannelHandlerContext) {
        if markEnding() { context.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// False when it was ending already.
    private func markEnding() -> Bool {
        if case .ending = state { return false }
        state = .ending
        return true
    }

    /// 8 bytes of payload, type 7, stream 0; the highest stream there can be, NO_ERROR.
    private static let goAway: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    /// 8 bytes of payload, type 6, stream 0.
    private static func ping(_ number: UInt64) -> [UInt8] {
        [0, 0, 8, 6, 0, 0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
