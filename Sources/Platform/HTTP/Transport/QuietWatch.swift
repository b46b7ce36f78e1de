import NIOCore

/// Closes an HTTP/2 connection that has sent nothing for long: also one that never acknowledges that it was told to end.
final class QuietWatch: ChannelInboundHandler, RemovableChannelHandler, Sweepable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let quiet: TimeAmount
    private let sweep: Sweep?
    private var until: NIODeadline
    private var context: ChannelHandlerContext?

    init(quiet: Duration, sweep: Sweep?) {
        self.quiet = TimeAmount(quiet)
        self.sweep = sweep
        until = .now() + self.quiet
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        sweep?.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        sweep?.remove(self)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        until = .now() + quiet
        context.fireChannelRead(data)
    }

    func sweep(now: NIODeadline) {
        if until <= now { context?.close(promise: nil) }
    }

    /// Sends bytes below the HTTP/2 handler, between two frames of its.
    func send(_ bytes: [UInt8]) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
