import NIOCore
import NIOPosix
import Threads

/// A TCP server at a port of the system's choice that says what it is told to say.
package final class FreeListener: Sendable {
    package let port: Int
    private let channel: any Channel
    private let counter = ConnectionCounter()

    /// - Parameters:
    ///   - port: 0: any that is free.
    ///   - answer: what each piece that comes is answered with; empty: nothing at all.
    ///   - thenCloses: whether the connection is closed after the answer.
    package init(port: Int = 0, answer: [UInt8], thenCloses: Bool = false) async throws {
        let counter = counter
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    counter.count.withLock { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(Parrot(answer: answer, thenCloses: thenCloses))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    /// A port that was free a moment ago.
    package static func port() async throws -> Int {
        let listener = try await FreeListener(answer: [])
        try await listener.close()
        return listener.port
    }

    /// How often somebody connected.
    package var accepted: Int { counter.count.withLock { $0 } }

    package func close() async throws { try await channel.close() }
}

private final class ConnectionCounter: Sendable {
    let count = Locked<Int>(0)
}

/// Says its one sentence to whatever it hears. Touched on its channel's event loop only.
private final class Parrot: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let answer: [UInt8]
    private let thenCloses: Bool

    init(answer: [UInt8], thenCloses: Bool) {
        self.answer = answer
        self.thenCloses = thenCloses
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !answer.isEmpty else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: answer)), promise: nil)
        if thenCloses { context.close(promise: nil) }
    }
}
