import Codecs
import NIOCore
import Platform

/// One connection that was entered: commands go out in order, and answers come back in the same.
///
/// `@unchecked Sendable`: as a channel's handler, and of its `RedisServer` or `RedisListener`, it is touched on one event
/// loop only.
final class RedisConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    /// What a server says unasked.
    var onPush: (([RESPValue]) -> Void)?
    /// An error that answers no command that waits: a refused SUBSCRIBE.
    var onStrayError: ((RESPError) -> Void)?
    /// Each answer, before whoever waits for it is told.
    var onAnswer: ((PendingCommand, RESPValue) -> Void)?
    /// Once, with what was under way, in order.
    var onClosed: ((RedisFault, [PendingCommand]) -> Void)?

    let made = NIODeadline.now()
    private(set) var lastHeard = NIODeadline.now()
    private(set) var lastUsed = NIODeadline.now()
    private(set) var isClosed = false
    private var decoder: RESPDecoder
    private var unread = ByteBuffer()
    private var underWay = CircularBuffer<PendingCommand>()
    /// Answers of the front command that are still to be skipped.
    private var skipped = 0
    private var unsent = ByteBuffer()
    private var context: ChannelHandlerContext?

    init(limits: RESPLimits = RESPLimits()) {
        decoder = RESPDecoder(limits: limits)
    }

    /// Commands that were sent and not answered, those included that nobody waits for any more.
    var depth: Int { underWay.count }

    /// Since when an answer is owed and nothing was heard; nil when none is owed.
    var silentSince: NIODeadline? { underWay.first.map { max($0.sent ?? made, lastHeard) } }

    /// No more commands are sent over it; it closes when the last is answered.
    private(set) var isRetiring = false

    func retire() {
        isRetiring = true
        if underWay.isEmpty { close(.ended) }
    }

    /// Sends with the next `flush`.
    func add(_ command: PendingCommand) {
        command.sent = .now()
        command.attempts += 1
        underWay.append(command)
        unsent.writeBytes(command.bytes)
    }

    /// Bytes that have no answer of their own: SUBSCRIBE.
    func add(unanswered bytes: [UInt8]) {
        unsent.writeBytes(bytes)
    }

    func flush() {
        guard let context, unsent.readableBytes > 0 else { return }
        lastUsed = .now()
        context.writeAndFlush(NIOAny(unsent), promise: nil)
        unsent = ByteBuffer()
    }

    /// Fails what is past its deadline, and tells the earliest deadline that is left. The answers may still come: their
    /// places are kept.
    func expire(_ now: NIODeadline) -> (expired: Int, next: NIODeadline?) {
        var (expired, next): (Int, NIODeadline?) = (0, nil)
        for command in underWay where !command.isFinished {
            if command.deadline <= now {
                expired += 1
                command.finish(.failure(.deadline(mayHaveRun: true)))
            } else {
                next = min(next ?? command.deadline, command.deadline)
            }
        }
        return (expired, next)
    }

    func close(_ fault: RedisFault) {
        guard !isClosed else { return }
        isClosed = true
        let left = Array(underWay)
        underWay.removeAll()
        unsent.clear()
        unread = ByteBuffer()
        context?.close(promise: nil)
        let tell = onClosed
        (onPush, onStrayError, onAnswer, onClosed) = (nil, nil, nil, nil)
        tell?(fault, left)
    }
}

extension RedisConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { flush() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed else { return }
        var piece = unwrapInboundIn(data)
        lastHeard = .now()
        if unread.readableBytes == 0 { unread = piece } else { unread.writeBuffer(&piece) }
        do throws(RESPFault) {
            while !isClosed, let value = try next() { take(value) }
        } catch {
            close(.nonsense(error))
        }
        if unread.readableBytes == 0 { unread = ByteBuffer() } else { unread.discardReadBytes() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(.closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(.connect("\(error)"))
    }

    private func next() throws(RESPFault) -> RESPValue? {
        guard unread.readableBytes > 0 else { return nil }
        let (value, read) = try unread.withUnsafeReadableBytes { bytes throws(RESPFault) in try decoder.decode(bytes) }
        unread.moveReaderIndex(forwardBy: read)
        return value
    }

    private func take(_ value: RESPValue) {
        if case .push(let elements) = value {
            onPush?(elements)
            return
        }
        if case .error(let error) = value, let onStrayError {
            onStrayError(error)
            return
        }
        guard let front = underWay.first else { return close(.unasked) }
        if skipped < front.skips {
            skipped += 1
            return
        }
        skipped = 0
        underWay.removeFirst()
        onAnswer?(front, value)
        front.finish(.success(value))
        if isRetiring, underWay.isEmpty { close(.ended) }
    }
}
