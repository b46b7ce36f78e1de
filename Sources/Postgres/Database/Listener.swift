import CLibPQ
import Threads

/// What a listener has to tell.
public enum ListenEvent: Sendable {
    /// LISTEN stands. What was sent before is not known: caches start empty.
    case connected
    case notification(channel: String, payload: String)
    /// The connection is gone: from now on notifications are missed.
    case lost
}

/// One connection that LISTENs, and comes back by itself.
///
/// It needs a session of its own (DATABASE_DIRECT_URL): behind transaction pooling LISTEN has no effect.
package actor Listener {
    private nonisolated let reactor = Reactor(name: "lean-listen")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let settings: DatabaseSettings
    private let channels: [String]
    private let onEvent: @Sendable (ListenEvent) -> Void
    private let blocking = BlockingPool(name: "lean-listen", threads: 1, queueLimit: 16)
    private var connection: Connection?
    private var waiting: CheckedContinuation<[ResultSet], any Error>?
    private var onLoss: CheckedContinuation<Void, Never>?
    private var generation = 0

    /// - Parameter channels: plain lower-case names, part of our code.
    package init(_ settings: DatabaseSettings, channels: [String], onEvent: @escaping @Sendable (ListenEvent) -> Void) {
        precondition(channels.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } }, "plain channel names")
        self.settings = settings
        self.channels = channels
        self.onEvent = onEvent
    }

    deinit {
        reactor.stop()
    }

    /// Listens until the task is cancelled; reconnects after a loss.
    package func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                try await connect()
                backoff.succeeded()
                onEvent(.connected)
                await untilLost()
                onEvent(.lost)
            } catch {
                // One that was there and did not come to listen: nobody else would close it, and its socket would be ready for ever.
                closeConnection()
                backoff.failed(at: .now, message: "\(error)")
                do { try await Task.sleep(for: backoff.pause) } catch { break }
            }
        }
        closeConnection()
    }

    /// A round trip on the listening connection: what was sent before it has been delivered when it returns.
    /// Throws when there is no connection, a round trip is under way, or the connection breaks.
    package func ping() async throws {
        // Words of its own, by which whoever looks at pg_stat_activity tells this connection from those of requests.
        _ = try await send("select 'listening'")
    }

    private func connect() async throws {
        let settings = settings
        let link = try await blocking.run { try Link.open(settings, pipelined: true) }
        generation += 1
        let connection = Connection(id: generation, link: link, settings: settings)
        self.connection = connection
        connection.onOutcome = { [weak self] outcome in self?.assumeIsolated { $0.finished(outcome) } }
        connection.onNotification = { [onEvent] channel, payload in
            onEvent(.notification(channel: channel, payload: payload))
        }
        let id = connection.id
        reactor.watch(connection.socket, for: .readable) { [weak self] readiness in
            self?.assumeIsolated { $0.ready(id, readiness) }
        }
        for channel in channels {
            _ = try await send(text: "listen \(channel)")
        }
    }

    private func send(_ sql: StaticString) async throws -> [ResultSet] {
        try await send(text: "\(sql)")
    }

    private func send(text: String) async throws -> [ResultSet] {
        guard let connection, waiting == nil else { throw DatabaseError.unavailable("not listening") }
        let statement = RenderedSQL(text: text)
        return try await withCheckedThrowingContinuation { continuation in
            waiting = continuation
            connection.start(.batch(Batch(statements: [statement], role: "", isWholeTransaction: true)))
        }
    }

    private func finished(_ outcome: Outcome) {
        let continuation = waiting
        waiting = nil
        switch outcome {
        case .success(let reply): continuation?.resume(returning: reply.results)
        case .failure(let error): continuation?.resume(throwing: error)
        case .lost(let message):
            closeConnection()
            continuation?.resume(throwing: DatabaseError.connectionLost(message))
        }
    }

    private func ready(_ id: Int, _ readiness: Readiness) {
        guard let connection, connection.id == id else { return }
        if !connection.handle(readiness) { closeConnection() }
    }

    private func untilLost() async {
        guard connection != nil else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { onLoss = $0 }
        } onCancel: {
            reactor.perform { self.assumeIsolated { $0.closeConnection() } }
        }
    }

    private func closeConnection() {
        if let connection {
            self.connection = nil
            reactor.forget(connection.socket)
            PQfinish(connection.link.connection)
        }
        onLoss?.resume()
        onLoss = nil
        waiting?.resume(throwing: DatabaseError.connectionLost("the listening connection is closed"))
        waiting = nil
    }
}
