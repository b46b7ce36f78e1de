import Codecs
import NIOCore
import Platform

/// How connections come and go, and with them the word on whether the server answers.
extension RedisServer {
    /// A server that was reached for less proves nothing: one that greets well and then hangs is asked ever less often.
    private static let proof = TimeAmount.seconds(5)

    /// Makes one more connection, if none is being made and one more may be.
    func grow() {
        loop.assertInEventLoop()
        let isHeldBack = !connections.isEmpty && NIODeadline.now() < growsAfter
        guard !isClosed, !isConnecting, !isHeldBack, connections.count < options.maximumConnections else { return }
        if rounds == nil { startRounds() }
        isConnecting = true
        connector.connect(to: locator.locate(), for: .commands, owner: self) { server, result in
            server.isConnecting = false
            switch result {
            case .success(let connection): server.join(connection)
            case .failure(let error): server.miss(error as? RedisFault ?? .connect("\(error)"))
            }
        }
    }

    private func join(_ connection: RedisConnection) {
        guard !isClosed else { return connection.close(.ended) }
        connections.append(connection)
        connection.onAnswer = { [weak self, unowned connection] command, answer in
            self?.hear(answer, to: command, on: connection)
        }
        connection.onClosed = { [weak self, unowned connection] fault, left in
            self?.drop(connection, fault, left)
        }
        if isProven { backoff.reset() }
        reachedSince = reachedSince ?? .now()
        let isNews = reachability.set(true)
        figures.withLock { figures in
            figures.connectionsMade += 1
            figures.recoveries += isNews ? 1 : 0
            figures.fault = nil
        }
        if isNews { onChange?(true) }
        placeWaiting()
    }

    private var isProven: Bool {
        reachedSince.map { NIODeadline.now() - $0 >= Self.proof } ?? false
    }

    private func miss(_ fault: RedisFault) {
        figures.withLock { $0.connectionFailures += 1 }
        guard !isClosed else { return }
        if connections.isEmpty { return lose(fault) }
        growsAfter = .now() + TimeAmount(backoff.next())
    }

    /// A connection that ended by itself, or that went silent.
    private func drop(_ connection: RedisConnection, _ fault: RedisFault, _ left: [PendingCommand]) {
        connections.removeAll { $0 === connection }
        retiring.removeAll { $0 === connection }
        if fault != .ended { figures.withLock { $0.connectionsLost += 1 } }
        if fault != .ended, reachability.isReachable, !isClosed { judge(connection, fault) }
        for command in left { settle(command) }
        guard reachability.isReachable, !isClosed else { return }
        if connections.isEmpty {
            if !waiting.isEmpty || options.keepsAlive { grow() }
        } else {
            placeWaiting()
        }
    }

    /// Whether the loss of one connection is the loss of its server.
    private func judge(_ connection: RedisConnection, _ fault: RedisFault) {
        let isShort = NIODeadline.now() - connection.made < .seconds(1)
        shortLives = isShort ? shortLives + 1 : 0
        switch fault {
        case .nonsense, .unasked: lose(fault)
        default:
            if shortLives >= 3 { lose(fault) }
        }
    }

    /// What becomes of a command whose connection went before its answer came.
    private func settle(_ command: PendingCommand) {
        guard !command.isFinished else { return release(command) }
        guard reachability.isReachable, !isClosed, command.isRepeatable, command.attempts <= options.retries else {
            return fail(command, .connectionLost)
        }
        figures.withLock { $0.repeats += 1 }
        waiting.append(command)
    }

    /// The server does not answer: from here on nobody waits for it but the probe.
    func lose(_ fault: RedisFault) {
        loop.assertInEventLoop()
        if isProven { backoff.reset() }
        (reachedSince, lateLooks) = (nil, 0)
        let isNews = reachability.set(false)
        figures.withLock { figures in
            figures.losses += isNews ? 1 : 0
            figures.fault = fault
        }
        let lost = connections + retiring
        (connections, retiring) = ([], [])
        for connection in lost { connection.close(fault) }
        let commands = waiting
        waiting.removeAll()
        for command in commands { fail(command, command.attempts > 0 ? .connectionLost : .unreachable) }
        if isNews { onChange?(false) }
        guard probe == nil, !isClosed else { return }
        probe = loop.scheduleTask(in: TimeAmount(backoff.next())) { [weak self] in
            self?.probe = nil
            self?.grow()
        }
    }

    func end() {
        loop.assertInEventLoop()
        isClosed = true
        rounds?.cancel()
        probe?.cancel()
        sweeping?.task.cancel()
        (rounds, probe, sweeping) = (nil, nil, nil)
        for connection in connections + retiring { connection.close(.ended) }
        (connections, retiring) = ([], [])
        let commands = waiting
        waiting.removeAll()
        for command in commands { fail(command, .unreachable) }
        reachability.close()
    }
}
