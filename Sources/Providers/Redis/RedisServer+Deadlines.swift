import Codecs
import NIOCore
import Platform

/// What happens by the clock: commands whose time is up, connections that nobody needs, questions to one that is quiet.
extension RedisServer {
    /// So many looks in a row that found commands overdue make a slow server a lost one: those who call it would pay their
    /// deadline each time and have nothing for it.
    private static let mostLateLooks = 10
    /// A look that comes so late itself tells of a busy thread here, and nothing of the server.
    private static let lateness = TimeAmount.milliseconds(10)

    /// Looks at the deadlines no later than this.
    func sweep(by deadline: NIODeadline) {
        if let sweeping {
            guard deadline < sweeping.at else { return }
            sweeping.task.cancel()
        }
        let task = loop.scheduleTask(deadline: deadline) { [weak self] in
            self?.sweeping = nil
            self?.sweep(due: deadline)
        }
        sweeping = (deadline, task)
    }

    private func sweep(due: NIODeadline) {
        let now = NIODeadline.now()
        // The loop runs what is due before it reads: what has arrived meanwhile has its turn first.
        guard now - due < Self.lateness else { return sweep(by: now + .milliseconds(1)) }
        var next: NIODeadline?
        var timeouts = 0
        var silent: [RedisConnection] = []
        for connection in connections + retiring {
            let (expired, earliest) = connection.expire(now)
            timeouts += expired
            if expired > 0, isSilent(connection, now) { silent.append(connection) }
            next = [next, earliest].compactMap { $0 }.min()
        }
        let late = expireWaiting(now)
        timeouts += late
        next = [next, waiting.map(\.deadline).min()].compactMap { $0 }.min()
        if timeouts > 0 {
            figures.withLock { $0.timeouts += timeouts }
            lateLooks += 1
        }
        // Not more often than every millisecond, however the deadlines lie.
        if let next { sweep(by: max(next, now + .milliseconds(1))) }
        if late > 0, connections.isEmpty { return lose(.silent) }
        if lateLooks >= Self.mostLateLooks { return lose(.slow) }
        guard !silent.isEmpty else { return }
        let isHeard = connections.contains { other in
            !silent.contains { $0 === other } && now - other.lastHeard < patience
        }
        if isHeard { for connection in silent { connection.close(.silent) } } else { lose(.silent) }
    }

    /// A server that answers others while one waits is slow; one that says nothing for so long is lost.
    private var patience: TimeAmount { TimeAmount(options.commandTimeout / 2) }

    private func isSilent(_ connection: RedisConnection, _ now: NIODeadline) -> Bool {
        connection.silentSince.map { now - $0 >= patience } ?? false
    }

    private func expireWaiting(_ now: NIODeadline) -> Int {
        var kept = CircularBuffer<PendingCommand>()
        var late = 0
        for command in waiting {
            if command.isFinished {
                release(command)
            } else if command.deadline <= now {
                late += 1
                fail(command, .deadline(mayHaveRun: command.attempts > 0))
            } else {
                kept.append(command)
            }
        }
        waiting = kept
        return late
    }

    func startRounds() {
        let shortest = min(options.idleTimeout, options.keepAliveInterval) / 4
        let pause = TimeAmount(max(shortest, .milliseconds(10)))
        rounds = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] task in
            if let self { goRound() } else { task.cancel() }
        }
    }

    private func goRound() {
        let now = NIODeadline.now()
        let idle = TimeAmount(options.idleTimeout)
        for connection in connections.dropFirst(options.keepsAlive ? 1 : 0)
        where connection.depth == 0 && now - connection.lastUsed >= idle {
            connection.close(.ended)
        }
        guard options.keepsAlive, reachability.isReachable else { return }
        guard let kept = connections.first else { return grow() }
        guard kept.depth == 0, now - kept.lastHeard >= TimeAmount(options.keepAliveInterval) else { return }
        let deadline = now + TimeAmount(max(options.commandTimeout, .milliseconds(250)))
        kept.add(PendingCommand(RESPCommand("ping").bytes, deadline: deadline, isRepeatable: false))
        kept.flush()
        sweep(by: deadline)
    }
}
