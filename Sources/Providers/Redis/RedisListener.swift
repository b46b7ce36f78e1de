import Codecs
import NIOCore
import Platform

/// Hears channels on a connection of its own, made when the first subscription asks for it and made again when it is lost.
///
/// `@unchecked Sendable`: all that changes is touched on `loop` only, which each way in asserts or goes through.
final class RedisListener: @unchecked Sendable {
    typealias Hear = @Sendable (SharedEvent) -> Void

    private let connector: RedisConnector
    private let loop: any EventLoop
    private let locate: @Sendable () -> EventLoopFuture<RedisAddress>
    private var channels: [String: Channel] = [:]
    private var nextID = 0
    private var connection: RedisConnection?
    private var isConnecting = false
    private var isClosed = false
    private var backoff: Backoff
    private var retry: Scheduled<Void>?
    private var rounds: RepeatedTask?
    private var question: Scheduled<Void>?

    private struct Channel {
        var hearers: [Int: Hear] = [:]
        /// Whether the server told that it sends us what is said.
        var isHeard = false
        /// SUBSCRIBE and UNSUBSCRIBE that the server has not told of.
        var unconfirmed = 0
    }

    init(_ connector: RedisConnector, locate: @escaping @Sendable () -> EventLoopFuture<RedisAddress>) {
        self.connector = connector
        self.locate = locate
        loop = connector.loop
        backoff = connector.options.backoff
    }

    deinit {
        retry?.cancel()
        rounds?.cancel()
        question?.cancel()
        let left = connection
        loop.execute { left?.close(.ended) }
    }

    func subscribe(to channel: String, _ hear: @escaping Hear) -> SharedSubscription {
        let ticket = Ticket()
        loop.execute { [self] in add(ticket, channel, hear) }
        return SharedSubscription { [weak self] in
            guard let self else { return }
            loop.execute { self.remove(ticket, channel) }
        }
    }

    /// Asks at once whether the connection still carries: something else gave cause for doubt.
    func doubt() {
        loop.execute { [weak self] in self?.ask() }
    }

    func shutDown() async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                isClosed = true
                retry?.cancel()
                rounds?.cancel()
                channels = [:]
                connection?.close(.ended)
                continuation.resume()
            }
        }
    }
}

/// Which hearer of a channel it is: known on the loop only.
private final class Ticket: @unchecked Sendable {
    var id: Int?
    var isCancelled = false
}

extension RedisListener {
    private func add(_ ticket: Ticket, _ channel: String, _ hear: @escaping Hear) {
        loop.assertInEventLoop()
        guard !isClosed, !ticket.isCancelled else { return }
        nextID += 1
        ticket.id = nextID
        let isFirst = channels[channel, default: Channel()].hearers.isEmpty
        channels[channel, default: Channel()].hearers[nextID] = hear
        if channels[channel]?.isHeard == true { hear(.subscribed) }
        guard let connection else { return connect() }
        if isFirst { say("subscribe", [channel], on: connection) }
    }

    private func remove(_ ticket: Ticket, _ channel: String) {
        loop.assertInEventLoop()
        ticket.isCancelled = true
        guard let id = ticket.id, channels[channel]?.hearers.removeValue(forKey: id) != nil else { return }
        guard channels[channel]?.hearers.isEmpty == true else { return }
        channels[channel]?.isHeard = false
        if let connection { say("unsubscribe", [channel], on: connection) } else { channels[channel] = nil }
    }

    private func say(_ word: String, _ names: [String], on connection: RedisConnection) {
        for name in names { channels[name]?.unconfirmed += 1 }
        connection.add(unanswered: RESPCommand([.text(word)] + names.map { .text($0) }).bytes)
        connection.flush()
    }

    private func connect() {
        guard !isClosed, !isConnecting, connection == nil, retry == nil, !channels.isEmpty else { return }
        isConnecting = true
        connector.connect(to: locate(), for: .messages, owner: self) { listener, result in
            listener.isConnecting = false
            switch result {
            case .success(let connection): listener.join(connection)
            case .failure: listener.again()
            }
        }
    }

    private func again() {
        guard !isClosed, retry == nil else { return }
        retry = loop.scheduleTask(in: TimeAmount(backoff.next())) { [weak self] in
            self?.retry = nil
            self?.connect()
        }
    }

    private func join(_ connection: RedisConnection) {
        guard !isClosed, !channels.isEmpty else { return connection.close(.ended) }
        self.connection = connection
        connection.onPush = { [weak self] in self?.take($0) }
        // SUBSCRIBE was refused, for want of a right: the operator may give it, so it is tried again.
        connection.onStrayError = { [weak connection] in connection?.close(.refused($0.code)) }
        connection.onClosed = { [weak self] _, _ in self?.lose() }
        let pause = TimeAmount(connector.options.keepAliveInterval)
        rounds = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in self?.ask() }
        say("subscribe", Array(channels.keys), on: connection)
    }

    private func lose() {
        connection = nil
        rounds?.cancel()
        question?.cancel()
        (rounds, question) = (nil, nil)
        channels = channels.filter { !$0.value.hearers.isEmpty }
        for name in channels.keys {
            let wasHeard = channels[name]?.isHeard == true
            channels[name]?.isHeard = false
            channels[name]?.unconfirmed = 0
            guard wasHeard, let hearers = channels[name]?.hearers else { continue }
            for hear in hearers.values { hear(.lost) }
        }
        if !channels.isEmpty { again() }
    }

    /// A connection that says nothing to a question is lost.
    private func ask() {
        guard let connection, question == nil else { return }
        let patience = TimeAmount(max(connector.options.commandTimeout, .milliseconds(250)))
        question = loop.scheduleTask(in: patience) { [weak connection] in connection?.close(.silent) }
        let ping = PendingCommand(
            RESPCommand("ping").bytes, deadline: .now() + patience, isRepeatable: false
        ) { [weak self] _ in
            self?.question?.cancel()
            self?.question = nil
        }
        connection.add(ping)
        connection.flush()
    }

    private func take(_ push: [RESPValue]) {
        guard push.count == 3, let kind = push[0].text, let name = push[1].text else { return }
        switch kind {
        case "message":
            guard let payload = push[2].bytes, let hearers = channels[name]?.hearers else { return }
            for hear in hearers.values { hear(.message(payload)) }
        case "subscribe", "unsubscribe":
            channels[name]?.unconfirmed -= 1
            settle(name)
        default: return
        }
    }

    /// What holds of a channel once the server has told of all that we asked.
    private func settle(_ name: String) {
        guard let channel = channels[name], channel.unconfirmed == 0 else { return }
        if channel.hearers.isEmpty {
            channels[name] = nil
        } else if !channel.isHeard {
            backoff.reset()
            channels[name]?.isHeard = true
            for hear in channel.hearers.values { hear(.subscribed) }
        }
    }
}
