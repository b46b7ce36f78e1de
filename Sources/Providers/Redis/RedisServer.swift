import Codecs
import NIOCore
import Platform
import Synchronization
import Threads

/// One server: its connections, the commands that wait for them, and whether it answers.
///
/// `@unchecked Sendable`: `inbox`, `load`, `figures` and `reachability` are locked or atomic; all else is touched on `loop`
/// only, which each way in asserts.
final class RedisServer: @unchecked Sendable {
    let options: RedisOptions
    let loop: any EventLoop
    let reachability = Reachability()
    let figures = Locked<RedisFigures>(RedisFigures())
    let connector: RedisConnector
    let locator: RedisLocator
    private let inbox = Locked<Inbox>(Inbox())
    private let load = Atomic<Int>(0)
    private let loadBytes = Atomic<Int>(0)

    var connections: [RedisConnection] = [] {
        didSet { figures.withLock { $0.connections = connections.count } }
    }
    /// Waited for until their last answers come.
    var retiring: [RedisConnection] = []
    var waiting = CircularBuffer<PendingCommand>()
    var isConnecting = false
    var isClosed = false
    var backoff: Backoff
    /// Told on the loop each time that the server is lost (false) or back (true).
    var onChange: (@Sendable (Bool) -> Void)?
    /// No connection beyond the first is tried before.
    var growsAfter = NIODeadline.now()
    /// Connections in a row that did not live for a second.
    var shortLives = 0
    /// Since when it was reached without a break; nil while it is lost.
    var reachedSince: NIODeadline?
    /// Looks in a row that found commands overdue, with no answer in time between them.
    var lateLooks = 0
    var probe: Scheduled<Void>?
    var sweeping: (at: NIODeadline, task: Scheduled<Void>)?
    var rounds: RepeatedTask?

    private struct Inbox: Sendable {
        var arrived: [(command: PendingCommand, completion: PendingCommand.Completion)] = []
        var isScheduled = false
    }

    init(_ source: RedisLocator.Source, _ connector: RedisConnector) {
        self.connector = connector
        options = connector.options
        loop = connector.loop
        locator = RedisLocator(source: source, connector: connector)
        backoff = connector.options.backoff
    }

    deinit {
        rounds?.cancel()
        probe?.cancel()
        sweeping?.task.cancel()
        let left = connections
        loop.execute { for connection in left { connection.close(.ended) } }
    }

    /// Connects now rather than with the first command.
    func start() {
        loop.execute { [self] in grow() }
    }

    /// Ends all connections; commands that wait fail, and later ones are refused.
    func shutDown() async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                end()
                continuation.resume()
            }
        }
    }

    /// The answer, or why there is none: by the deadline at the latest.
    ///
    /// - Parameter skips: answers of commands that stand before it in `bytes`.
    func send(
        _ bytes: [UInt8], by deadline: NIODeadline, isRepeatable: Bool, skips: Int = 0
    ) async throws(SharedStoreFailure) -> RESPValue {
        guard reachability.isReachable else {
            figures.withLock { $0.unreachables += 1 }
            throw .unreachable
        }
        guard admit(bytes.count) else {
            figures.withLock { $0.overflows += 1 }
            throw .busy
        }
        let command = PendingCommand(
            bytes, deadline: deadline, isRepeatable: isRepeatable, skips: skips, isCounted: true)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                post(command) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            loop.execute { command.finish(.failure(.cancelled)) }
        }
        return try result.get()
    }

    private func admit(_ bytes: Int) -> Bool {
        let count = load.add(1, ordering: .relaxed).newValue
        let total = loadBytes.add(bytes, ordering: .relaxed).newValue
        if count <= options.queueLimit, total <= options.queueByteLimit { return true }
        load.subtract(1, ordering: .relaxed)
        loadBytes.subtract(bytes, ordering: .relaxed)
        return false
    }

    /// The figures as they are now.
    var snapshot: RedisFigures {
        var figures = figures.withLock { $0 }
        figures.isReachable = reachability.isReachable
        figures.waiting = load.load(ordering: .relaxed)
        return figures
    }

    /// Wakes the loop once for all commands that come before it has looked.
    private func post(_ command: PendingCommand, _ completion: @escaping PendingCommand.Completion) {
        let isFirst = inbox.withLock { inbox in
            inbox.arrived.append((command, completion))
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        if isFirst { loop.execute { [self] in drain() } }
    }

    private func drain() {
        loop.assertInEventLoop()
        let arrived = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox.arrived
        }
        let now = NIODeadline.now()
        for (command, completion) in arrived {
            command.wait(completion)
            place(command, now)
        }
        flush()
    }

    /// Its place in the queue is free.
    func release(_ command: PendingCommand) {
        guard command.isCounted else { return }
        load.subtract(1, ordering: .relaxed)
        loadBytes.subtract(command.bytes.count, ordering: .relaxed)
    }

    func fail(_ command: PendingCommand, _ failure: SharedStoreFailure) {
        release(command)
        command.finish(.failure(failure))
    }
}

extension RedisServer {
    /// Sends the command, lets it wait for a connection, or tells why not.
    func place(_ command: PendingCommand, _ now: NIODeadline) {
        guard !command.isFinished else { return release(command) }
        guard !isClosed, reachability.isReachable else { return fail(command, .unreachable) }
        guard command.deadline > now else { return fail(command, .deadline(mayHaveRun: command.attempts > 0)) }
        sweep(by: command.deadline)
        guard let connection = connections.first(where: { $0.depth < options.pipelineDepth }) ?? leastBusy else {
            waiting.append(command)
            return grow()
        }
        connection.add(command)
        if connection.depth >= options.pipelineDepth { grow() }
    }

    private var leastBusy: RedisConnection? { connections.min { $0.depth < $1.depth } }

    func flush() {
        for connection in connections { connection.flush() }
    }

    /// Those that waited for a connection, in their order.
    func placeWaiting() {
        let commands = waiting
        waiting.removeAll()
        let now = NIODeadline.now()
        for command in commands { place(command, now) }
        flush()
    }

    /// Counts an answer, and draws what follows from one that speaks of the server rather than of the command.
    func hear(_ answer: RESPValue, to command: PendingCommand, on connection: RedisConnection) {
        release(command)
        if !command.isFinished { lateLooks = 0 }
        var error: RESPError?
        if case .error(let told) = answer { error = told }
        let seconds = Double((connection.lastHeard - command.made).nanoseconds) / 1e9
        figures.withLock { figures in
            figures.commands += 1
            figures.times.record(seconds)
            if error != nil { figures.refusals += 1 }
        }
        switch error?.code {
        case "READONLY":
            // It is a replica now: whoever is master is looked for.
            let demoted = connections
            connections = []
            retiring += demoted
            for connection in demoted { connection.retire() }
            grow()
        case "LOADING", "MASTERDOWN": lose(.refused(error?.code ?? ""))
        default: break
        }
    }
}
