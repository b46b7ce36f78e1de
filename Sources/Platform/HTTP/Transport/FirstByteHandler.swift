import NIOCore

/// Tells when bytes arrive, before they are a request: a head that comes slowly is begun with its first byte.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let phases: PhaseHandler

    init(_ phases: PhaseHandler) {
        self.phases = phases
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        phases.bytesArrived()
        context.fireChannelRead(data)
    }
}
