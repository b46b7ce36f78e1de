import Codecs
import Platform
import Providers

/// A cluster of three masters on this machine.
package final class TestRedisCluster: Sendable {
    package let nodes: [TestRedis]
    private let clients: [RedisClient]
    private let names: [String]

    /// Runs a cluster for the length of `body`.
    package static func running<Value: Sendable>(
        _ body: (TestRedisCluster) async throws -> Value
    ) async throws -> Value {
        var nodes: [TestRedis] = []
        var buses: [Int] = []
        defer { for node in nodes { node.remove() } }
        for _ in 0..<3 {
            let bus = try await FreeListener.port()
            buses.append(bus)
            nodes.append(
                try await TestRedis.start([
                    "cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 1000",
                    "cluster-port \(bus)", "cluster-require-full-coverage no",
                ]))
        }
        let clients = try nodes.map { node in
            var options = RedisOptions(.server(node.address))
            options.commandTimeout = .seconds(5)
            return try RedisClient(options)
        }
        let cluster = try await TestRedisCluster(nodes, clients, buses)
        do {
            let value = try await body(cluster)
            for client in clients { await client.shutDown() }
            return value
        } catch {
            for client in clients { await client.shutDown() }
            throw error
        }
    }

    private init(_ nodes: [TestRedis], _ clients: [RedisClient], _ buses: [Int]) async throws {
        (self.nodes, self.clients) = (nodes, clients)
        var names: [String] = []
        for (index, client) in clients.enumerated() {
            let first = Self.first(of: index)
            let last = Self.first(of: index + 1) - 1
            _ = try await client.send(
                ["cluster", "addslotsrange", .integer(first), .integer(last)], key: nil, within: nil, isRepeatable: true
            )
            let name = try await client.send(["cluster", "myid"], key: nil, within: nil, isRepeatable: true)
            names.append(name.text ?? "")
            for (other, bus) in zip(nodes, buses) {
                _ = try await client.send(
                    ["cluster", "meet", "127.0.0.1", .integer(other.port), .integer(bus)], key: nil, within: nil,
                    isRepeatable: true)
            }
        }
        self.names = names
        try await until("the cluster is whole", limit: .seconds(60)) { try await isWhole() }
    }

    private static func first(of node: Int) -> Int { RedisSlot.count * node / 3 }

    /// Every node knows the three of them, and whose the slots are.
    private func isWhole() async throws -> Bool {
        for client in clients {
            let state =
                try await client.send(["cluster", "info"], key: nil, within: nil, isRepeatable: true).text ?? ""
            let slots = try await client.send(["cluster", "slots"], key: nil, within: nil, isRepeatable: true)
            guard state.contains("cluster_state:ok"), slots.elements?.count == 3 else { return false }
        }
        return true
    }

    package func owner(of slot: Int) -> Int { (0..<3).last { Self.first(of: $0) <= slot } ?? 0 }

    /// What one node answers, refusals included.
    @discardableResult
    package func say(_ command: [RESPArgument], to node: Int) async throws -> RESPValue {
        do {
            return try await clients[node].send(command, key: nil, within: nil, isRepeatable: false)
        } catch .refused(let error) {
            return .error(error)
        }
    }

    package func beginMigration(of slot: Int, from source: Int, to target: Int) async throws {
        try await say(["cluster", "setslot", .integer(slot), "importing", .text(names[source])], to: target)
        try await say(["cluster", "setslot", .integer(slot), "migrating", .text(names[target])], to: source)
    }

    package func move(_ keys: [String], from source: Int, to target: Int) async throws {
        let head: [RESPArgument] = ["migrate", "127.0.0.1", .integer(nodes[target].port), "", 0, 5_000, "keys"]
        _ = try await clients[source].send(
            head + keys.map { .text($0) }, key: nil, within: nil, isRepeatable: false)
    }

    package func endMigration(of slot: Int, to target: Int) async throws {
        for node in [target, (target + 1) % 3, (target + 2) % 3] {
            try await say(["cluster", "setslot", .integer(slot), "node", .text(names[target])], to: node)
        }
    }

    /// A client of all of it, which knows one node at first, for the length of `body`.
    package func client<Value: Sendable>(
        _ change: (inout RedisOptions) -> Void = { _ in }, _ body: @Sendable (RedisCluster) async throws -> Value
    ) async throws -> Value {
        var options = RedisOptions(.cluster([nodes[1].address]))
        options.commandTimeout = .seconds(5)
        change(&options)
        return try await withStore(RedisCluster(options), body)
    }
}
