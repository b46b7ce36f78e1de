import Codecs
import NIOCore
import NIOPosix
import Platform
import Threads

/// Redis as a cluster: each key is asked for where its slot lives, and who is sent elsewhere goes there.
///
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec
package final class RedisCluster: RedisStore {
    package let options: RedisOptions
    private let nodes: RedisNodes
    private let listener: RedisListener

    /// More than a cluster that is whole ever needs; one that sends in circles is left.
    private static let mostRedirects = 5

    /// Connects nothing yet.
    ///
    /// - Throws: when the file of the authorities cannot be read.
    package init(_ options: RedisOptions) throws {
        guard case .cluster(let seeds) = options.place else { preconditionFailure("one server is RedisClient's") }
        self.options = options
        let connector = try RedisConnector(options, on: MultiThreadedEventLoopGroup.singleton.next())
        let nodes = RedisNodes(seeds, connector)
        let listener = RedisListener(connector) { nodes.any() }
        nodes.onLoss = { [weak listener] in listener?.doubt() }
        (self.nodes, self.listener) = (nodes, listener)
    }

    /// Whether any master answers. A key whose master does not is told by its own failure.
    package var isReachable: Bool { nodes.reachability.isReachable }

    package var isClustered: Bool { true }

    package func reachability() -> AsyncStream<Bool> { nodes.reachability.stream() }

    package var figures: [(server: String, RedisFigures)] { nodes.figures }

    package func start() { nodes.start() }

    package func shutDown() async {
        await listener.shutDown()
        await nodes.shutDown()
    }

    package func send(
        _ command: [RESPArgument], key: String?, within deadline: Duration?, isRepeatable: Bool
    ) async throws(SharedStoreFailure) -> RESPValue {
        let bytes = RESPCommand(command).bytes
        let end = NIODeadline.now() + TimeAmount(deadline ?? options.commandTimeout)
        let slot = key.map { RedisSlot.of($0.utf8) }
        var place = try await nodes.place(of: slot, by: end)
        var (redirects, attempts, asks) = (0, 0, false)
        while true {
            let answer = try await ask(
                place, asks ? Self.asking + bytes : bytes, end, isRepeatable, skips: asks ? 1 : 0)
            guard case .error(let error) = answer else { return answer }
            if let redirect = RedisRedirect(error) {
                redirects += 1
                guard redirects <= Self.mostRedirects else { throw .refused(error) }
                place = nodes.follow(redirect, from: place)
                asks = redirect.isOnce
                continue
            }
            attempts += 1
            guard error.isPassing else { throw .refused(error) }
            nodes.refresh()
            guard attempts <= options.retries else { throw .unreachable }
            try await pause(options.retryDelay, before: end)
            // Who was asked before was asked once: the slot may be there to stay by now.
            asks = false
            place = try await nodes.place(of: slot, by: end)
        }
    }

    private static let asking = RESPCommand("asking").bytes

    private func ask(
        _ place: RedisAddress, _ bytes: [UInt8], _ end: NIODeadline, _ isRepeatable: Bool, skips: Int
    ) async throws(SharedStoreFailure) -> RESPValue {
        do {
            return try await nodes.server(at: place).send(bytes, by: end, isRepeatable: isRepeatable, skips: skips)
        } catch {
            switch error {
            // Another may be master of its slots by now.
            case .unreachable, .connectionLost, .deadline: nodes.refresh()
            case .busy, .refused, .unexpected, .cancelled: break
            }
            throw error
        }
    }

    /// Slot by slot, all at once.
    @discardableResult
    package func delete(_ keys: [String], within deadline: Duration?) async throws(SharedStoreFailure) -> Int {
        let groups = Dictionary(grouping: keys.map { options.keyPrefix + $0 }) { RedisSlot.of($0.utf8) }
        let counts = await withTaskGroup(of: Result<Int, SharedStoreFailure>.self) { tasks in
            for keys in groups.values {
                tasks.addTask { await self.deleted(keys, within: deadline) }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        var sum = 0
        for count in counts { sum += try count.get() }
        return sum
    }

    /// Keys of one slot.
    private func deleted(_ keys: [String], within deadline: Duration?) async -> Result<Int, SharedStoreFailure> {
        do throws(SharedStoreFailure) {
            let answer = try await send(
                ["unlink"] + keys.map { .text($0) }, key: keys.first, within: deadline, isRepeatable: true)
            return answer.integer.map { .success($0) } ?? .failure(.unexpected)
        } catch {
            return .failure(error)
        }
    }

    package func subscribe(
        to channel: String, _ hear: @escaping @Sendable (SharedEvent) -> Void
    ) -> SharedSubscription {
        listener.subscribe(to: options.keyPrefix + channel, hear)
    }
}
