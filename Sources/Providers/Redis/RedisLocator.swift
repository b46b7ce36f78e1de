import Codecs
import NIOCore
import Platform

/// Says where the master is: a fixed place, or whoever the Sentinels name at this moment.
///
/// Source: https://redis.io/docs/latest/develop/reference/sentinel-clients
struct RedisLocator: Sendable {
    enum Source: Sendable {
        case fixed(RedisAddress)
        case sentinels([RedisAddress], name: String)
    }

    let source: Source
    let connector: RedisConnector

    /// Asks one Sentinel after the other until one names a master; fails with a `RedisFault`.
    ///
    /// Asked anew for each connection: a name that was true a moment ago may be a replica's by now.
    func locate() -> EventLoopFuture<RedisAddress> {
        switch source {
        case .fixed(let address): connector.loop.makeSucceededFuture(address)
        // Another one first each time, so that one that hangs does not cost every attempt its timeout.
        case .sentinels(let sentinels, let name): ask(sentinels.shuffled()[...], name)
        }
    }

    private func ask(_ sentinels: ArraySlice<RedisAddress>, _ name: String) -> EventLoopFuture<RedisAddress> {
        guard let first = sentinels.first else { return connector.loop.makeFailedFuture(RedisFault.noMaster) }
        return master(name, at: first).flatMapError { error in
            sentinels.count > 1 ? ask(sentinels.dropFirst(), name) : connector.loop.makeFailedFuture(error)
        }
    }

    private func master(_ name: String, at sentinel: RedisAddress) -> EventLoopFuture<RedisAddress> {
        connector.ask(["sentinel", "get-master-addr-by-name", .text(name)], at: sentinel, for: .sentinel)
            .flatMapThrowing { answer in
                guard let address = Self.address(answer) else { throw RedisFault.noMaster }
                return address
            }
    }

    private static func address(_ answer: RESPValue) -> RedisAddress? {
        guard let parts = answer.elements, parts.count == 2 else { return nil }
        guard let host = parts[0].text, let port = parts[1].integer, (1...65_535).contains(port) else { return nil }
        return host.isEmpty ? nil : .host(host, port: port)
    }
}
