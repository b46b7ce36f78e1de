import Codecs
import Platform
import Providers

/// A cluster of three masters on this machine.
package final class TestRedisCluster: Sendable {
    package let nodes: [TestRedis]
    private let clients: [RedisClient]
    private let names: [String]

    private static let configuration = [
        "cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 1000",
        "cluster-require-full-coverage no",
    ]

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
                try await TestRedis.start(configuration + ["cluster-port \(bus)"]))
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

    /// A replica of one master, which has all that the master has, for the length of `body`.
    package func replica(
        of master: Int, _ body: (TestRedis) async throws -> Void
    ) async throws {
        let bus = try await FreeListener.port()
        let lines = Self.configuration + ["cluster-port \(bus)", "cluster-replica-validity-factor 0"]
        try await TestRedis.running(lines) { replica in
            try await say(["cluster", "meet", "127.0.0.1", .integer(replica.port), .integer(bus)], to: master)
            try await replica.client { client in
                try await until("the replica follows", limit: .seconds(60)) {
                    // It is refused until the nodes have heard of each other.
                    do {
                        _ = try await client.send(
                            ["cluster", "replicate", .text(names[master])], key: nil, within: nil, isRepeatable: true)
                        return true
                    } catch is SharedStoreFailure { return false }
                }
            }
            try await until("the others know the replica, which is up to date", limit: .seconds(60)) {
                let slots = try await say(["cluster", "slots"], to: (master + 1) % 3)
                let role = try await say(["info", "replication"], to: master)
                return slots.elements?.contains { ($0.elements?.count ?? 0) == 4 } == true
                    && role.text?.contains("state=online") == true
            }
            try await body(replica)
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
