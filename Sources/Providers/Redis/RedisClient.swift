import Codecs
import NIOCore
import NIOPosix
import Platform

/// Redis as one server: at a fixed address, or wherever the Sentinels say that the master is.
package final class RedisClient: RedisStore {
    package let options: RedisOptions
    private let server: RedisServer
    private let name: String
    private let listener: RedisListener

    /// Connects nothing yet.
    ///
    /// - Parameter loop: whose thread it works on: one of those that serve requests, unless told otherwise.
    /// - Throws: when the file of the authorities cannot be read.
    package init(
        _ options: RedisOptions, on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    ) throws {
        let connector = try RedisConnector(options, on: loop)
        let source: RedisLocator.Source
        switch options.place {
        case .server(let address): (source, name) = (.fixed(address), address.description)
        case .sentinels(let sentinels, let master): (source, name) = (.sentinels(sentinels, name: master), master)
        case .cluster: preconditionFailure("a cluster is RedisCluster's")
        }
        self.options = options
        server = RedisServer(source, connector)
        let locator = server.locator
        let listener = RedisListener(connector) { locator.locate() }
        self.listener = listener
        server.onChange = { [weak listener] isReachable in
            if !isReachable { listener?.doubt() }
        }
    }

    package var isReachable: Bool { server.reachability.isReachable }

    package func reachability() -> AsyncStream<Bool> { server.reachability.stream() }

    package var figures: [(server: String, RedisFigures)] { [(name, server.snapshot)] }

    package func start() { server.start() }

    package func shutDown() async {
        await listener.shutDown()
        await server.shutDown()
    }

    package func send(
        _ command: [RESPArgument], key: String?, within deadline: Duration?, isRepeatable: Bool
    ) async throws(SharedStoreFailure) -> RESPValue {
        let bytes = RESPCommand(command).bytes
        let end = NIODeadline.now() + TimeAmount(deadline ?? options.commandTimeout)
        var attempts = 0
        while true {
            let answer = try await server.send(bytes, by: end, isRepeatable: isRepeatable)
            guard case .error(let error) = answer else { return answer }
            attempts += 1
            guard error.isPassing else { throw .refused(error) }
            guard attempts <= options.retries else { throw .unreachable }
            try await pause(options.retryDelay, before: end)
        }
    }

    @discardableResult
    package func delete(_ keys: [String], within deadline: Duration?) async throws(SharedStoreFailure) -> Int {
        guard !keys.isEmpty else { return 0 }
        let keys = keys.map { SharedArgument.text(options.keyPrefix + $0) }
        let answer = try await send(["unlink"] + keys, key: nil, within: deadline, isRepeatable: true)
        guard let count = answer.integer else { throw .unexpected }
        return count
    }

    package func subscribe(
        to channel: String, _ hear: @escaping @Sendable (SharedEvent) -> Void
    ) -> SharedSubscription {
        listener.subscribe(to: options.keyPrefix + channel, hear)
    }
}

/// Waits before the next attempt.
///
/// - Throws: `.unreachable` when the deadline would come first.
func pause(_ delay: Duration, before deadline: NIODeadline) async throws(SharedStoreFailure) {
    guard deadline - .now() > TimeAmount(delay) else { throw .unreachable }
    do { try await Task.sleep(for: delay) } catch { throw .cancelled }
}
